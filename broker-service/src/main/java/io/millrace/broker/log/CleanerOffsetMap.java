package io.millrace.broker.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * The greatest offset of each key, in memory of a fixed size outside of the heap: a slot has the key's hash (16 bytes) and its offset
 * plus one (8 bytes, 0 in a free slot); keys whose slot is taken lie in the next free one. One thread at a time.
 */
final class CleanerOffsetMap implements AutoCloseable {

    static final int SLOT_BYTES = 24;

    private static final int SECOND_AT = 8;
    private static final int OFFSET_AT = 16;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final CleanerKeyHash hash;
    private final long slots;
    private final long mostKeys;
    private long keys;
    private long latestOffset = -1;

    /** @param loadFactor which part of the slots may be taken; above 0, at most 1 */
    CleanerOffsetMap(long slots, double loadFactor, CleanerKeyHash hash) {
        this.slots = slots;
        this.mostKeys = Math.clamp((long) (slots * loadFactor), 1, slots - 1); // A free slot ends every search.
        this.hash = hash;
        this.memory = arena.allocate(slots * SLOT_BYTES, Long.BYTES);
    }

    long keys() {
        return keys;
    }

    /** Offset up to which, inclusive, all records are in the map; -1 when there are none. */
    long latestOffset() {
        return latestOffset;
    }

    /** Notes that everything up to an offset is in the map. */
    void reached(long offset) {
        latestOffset = offset;
    }

    /** Notes a key's record; false, and nothing is noted, when the key is new and the map is full. Offsets must ascend. */
    boolean put(ByteBuffer key, long offset) {
        long at = find(key);
        if (offsetAt(at) == 0) {
            if (keys == mostKeys) {
                return false;
            }
            keys++;
            memory.set(ValueLayout.JAVA_LONG, at, hash.first());
            memory.set(ValueLayout.JAVA_LONG, at + SECOND_AT, hash.second());
        }
        memory.set(ValueLayout.JAVA_LONG, at + OFFSET_AT, offset + 1);
        latestOffset = offset;
        return true;
    }

    /** Offset of a key's last record; -1 when it has none. */
    long get(ByteBuffer key) {
        return offsetAt(find(key)) - 1;
    }

    /** Position of the key's slot, or of the free one where it belongs. */
    private long find(ByteBuffer key) {
        hash.hash(key);
        long first = hash.first();
        long second = hash.second();
        for (long slot = Math.unsignedMultiplyHigh(first, slots); ; slot = slot + 1 == slots ? 0 : slot + 1) {
            long at = slot * SLOT_BYTES;
            if (offsetAt(at) == 0
                    || (memory.get(ValueLayout.JAVA_LONG, at) == first
                            && memory.get(ValueLayout.JAVA_LONG, at + SECOND_AT) == second)) {
                return at;
            }
        }
    }

    private long offsetAt(long at) {
        return memory.get(ValueLayout.JAVA_LONG, at + OFFSET_AT);
    }

    @Override
    public void close() {
        arena.close();
    }
}
