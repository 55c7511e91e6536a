package io.millrace.broker.log;

import java.nio.ByteBuffer;

/**
 * Hashes keys to 128 bits with SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", in its 128-bit variant) under a
 * secret of its own, so that nobody can find two keys that compaction takes for one. One thread.
 */
final class CleanerKeyHash {

    private final long secret0;
    private final long secret1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;
    private long first;
    private long second;

    CleanerKeyHash(long secret0, long secret1) {
        this.secret0 = secret0;
        this.secret1 = secret1;
    }

    /** First half of the last key's hash. */
    long first() {
        return first;
    }

    /** Second half of the last key's hash. */
    long second() {
        return second;
    }

    /** Hashes a big-endian buffer from position to limit; both are kept. */
    void hash(ByteBuffer key) {
        v0 = secret0 ^ 0x736f6d6570736575L;
        v1 = secret1 ^ 0x646f72616e646f6dL ^ 0xee;
        v2 = secret0 ^ 0x6c7967656e657261L;
        v3 = secret1 ^ 0x7465646279746573L;
        int at = key.position();
        int end = key.limit();
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            mix(Long.reverseBytes(key.getLong(at)));
        }
        long last = (long) key.remaining() << 56;
        for (int i = 0; at + i < end; i++) {
            last |= (key.get(at + i) & 0xFFL) << (8 * i);
        }
        mix(last);
        v2 ^= 0xee;
        rounds(4);
        first = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        rounds(4);
        second = v0 ^ v1 ^ v2 ^ v3;
    }

    private void mix(long word) {
        v3 ^= word;
        rounds(2);
        v0 ^= word;
    }

    private void rounds(int count) {
        long a = v0;
        long b = v1;
        long c = v2;
        long d = v3;
        for (int i = 0; i < count; i++) {
            a += b;
            c += d;
            b = Long.rotateLeft(b, 13) ^ a;
            d = Long.rotateLeft(d, 16) ^ c;
            a = Long.rotateLeft(a, 32);
            c += b;
            a += d;
            b = Long.rotateLeft(b, 17) ^ c;
            d = Long.rotateLeft(d, 21) ^ a;
            c = Long.rotateLeft(c, 32);
        }
        v0 = a;
        v1 = b;
        v2 = c;
        v3 = d;
    }
}
