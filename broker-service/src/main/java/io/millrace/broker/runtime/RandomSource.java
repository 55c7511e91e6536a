package io.millrace.broker.runtime;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.Uuid;

/** Source of randomness; seeded in simulations. Implementations say which threads may call them. */
public interface RandomSource extends RandomGenerator {

    /** A random version-4 UUID, never one of Kafka's reserved ones. */
    default Uuid nextUuid() {
        Uuid uuid;
        do {
            long high = (nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
            long low = (nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            uuid = new Uuid(high, low);
        } while (Uuid.RESERVED.contains(uuid) || uuid.toString().startsWith("-"));
        return uuid;
    }

    /** The machine's randomness; any thread. */
    static RandomSource system() {
        return () -> ThreadLocalRandom.current().nextLong();
    }
}
