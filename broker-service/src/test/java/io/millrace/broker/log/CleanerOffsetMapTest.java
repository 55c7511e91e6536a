package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CleanerOffsetMapTest {

    /** The first vectors for the key 00 01 … 0f and the inputs (none), 00, 00 01 … of the authors' reference implementation. */
    @Test
    void hashesAsTheAuthorsOfSipHashDo() {
        CleanerKeyHash hash = new CleanerKeyHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

        assertThat(hex(hash, new byte[0])).isEqualTo("a3817f04ba25a8e66df67214c7550293");
        assertThat(hex(hash, new byte[] {0})).isEqualTo("da87c1d86b99af44347659119b22fc45");
    }

    private static String hex(CleanerKeyHash hash, byte[] input) {
        hash.hash(ByteBuffer.wrap(input));
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(Long.reverseBytes(hash.first()))
                .putLong(Long.reverseBytes(hash.second()));
        return HexFormat.of().formatHex(bytes.array());
    }

    @Test
    void hashesTheRemainingBytesOfABufferAndLeavesItAsItIs() {
        CleanerKeyHash hash = new CleanerKeyHash(1, 2);
        byte[] input = "a key of more than one word".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        String alone = hex(hash, input);
        ByteBuffer within =
                ByteBuffer.allocateDirect(100).position(3).put(input).flip().position(3);

        hash.hash(within);

        assertThat(Long.reverseBytes(hash.first())).isEqualTo(HexFormat.fromHexDigitsToLong(alone.substring(0, 16)));
        assertThat(within.remaining()).isEqualTo(input.length);
    }

    @Test
    void knowsTheLastOffsetOfEachKeyUntilItIsFull() {
        Random random = new Random(7);
        Map<Integer, Long> expected = new HashMap<>();
        try (CleanerOffsetMap map = new CleanerOffsetMap(1000, 0.9, new CleanerKeyHash(3, 4))) {
            long offset = 0;
            while (map.keys() < 900) {
                int key = random.nextInt(5000);
                assertThat(map.put(key(key), offset)).isTrue();
                expected.put(key, offset++);
            }
            assertThat(map.latestOffset()).isEqualTo(offset - 1);
            assertThat(map.put(key(6000), offset)).as("a new key in a full map").isFalse();
            assertThat(map.latestOffset()).isEqualTo(offset - 1);
            int known = expected.keySet().iterator().next();
            assertThat(map.put(key(known), offset))
                    .as("a known key in a full map")
                    .isTrue();
            expected.put(known, offset);
            for (int key = 0; key < 5000; key++) {
                assertThat(map.get(key(key))).isEqualTo(expected.getOrDefault(key, -1L));
            }
        }
    }

    private static ByteBuffer key(int number) {
        return ByteBuffer.wrap(("key-" + number).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
