package io.millrace.broker.log;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Disk space that is reserved ahead of a log which is written fast, so that its appends need not wait while the file system finds
 * room for what it writes back of the same file (ext4 allocates late, and holds up all writes of a file then: ADR 9).
 *
 * <p>A log has at most as much again reserved as its active segment holds, and {@link #MOST_BYTES}. It is given back when the segment
 * is full, when the log is closed, and some time after the log was last written fast. Files keep their length: nobody reads beyond it.
 *
 * <p>Belongs to the log's loop. Only there is space given back, for that cuts a file to the length which it has: an append must not
 * come between. It is reserved by I/O workers, beside appends.
 */
final class SpaceAhead {

    /** A log is written fast while it gets that much within {@link #FAST_NS}; also what a segment must hold before. */
    static final int FAST_BYTES = 4 << 20;

    static final int MOST_BYTES = 64 << 20;

    private static final long FAST_NS = TimeUnit.SECONDS.toNanos(1);

    /** Below that nothing is reserved: the rest is for whoever needs it now. */
    static final long LEAST_USABLE_BYTES = 16L * MOST_BYTES;

    static final long IDLE_NS = TimeUnit.MINUTES.toNanos(1);

    private final PartitionLog log;

    /** What holds reserved space; read by any thread to find logs that have some. */
    private volatile @Nullable Segment ahead;

    private long reservedTo;
    private boolean reserving;
    private long bytesSinceLook;
    private long lookedNs;

    SpaceAhead(PartitionLog log) {
        this.log = log;
        this.lookedNs = log.volume().clock().monotonicNs() - FAST_NS;
    }

    /** Whether any space is reserved, or about to be; any thread. */
    boolean isHeld() {
        return ahead != null;
    }

    /** Reserves more when the log is written fast and half of what was reserved is used up. */
    void appended(int bytes, int segmentLimitBytes) {
        bytesSinceLook += bytes;
        if (bytesSinceLook < FAST_BYTES) {
            return;
        }
        bytesSinceLook = 0;
        long nowNs = log.volume().clock().monotonicNs();
        boolean fast = nowNs - lookedNs <= FAST_NS;
        lookedNs = nowNs;
        Segment active = log.view().active();
        int size = active.sizeBytes();
        if (!fast || reserving || size < FAST_BYTES) {
            return;
        }
        int share = Math.min(size, MOST_BYTES);
        long from = active == ahead ? Math.max(reservedTo, size) : size;
        long to = Math.min((long) size + share, segmentLimitBytes);
        if (to - from >= share / 2) {
            reserving = true;
            ahead = active;
            reservedTo = to;
            log.volume().submit(() -> reserve(active, from, to));
        }
    }

    /** I/O worker. */
    private void reserve(Segment segment, long from, long to) {
        Volume volume = log.volume();
        try {
            if (volume.isOnline() && volume.store().usableBytes(volume.path()) >= LEAST_USABLE_BYTES) {
                segment.reserve(from, to - from);
            }
        } catch (IOException e) {
            volume.fail("asking for free space", e);
        }
        log.loop().run(() -> reserved(segment));
    }

    private void reserved(Segment segment) {
        reserving = false;
        if (segment != ahead) {
            release(segment); // Given back, or full, meanwhile.
        }
    }

    /** The segment gets no more appends. */
    void sealed(Segment segment) {
        if (segment == ahead) {
            releaseAll();
        }
    }

    /** Records were cut off, and with them what was reserved behind them. */
    void truncated() {
        reservedTo = 0;
    }

    /** Gives back what a log holds that has not been written fast for some time. */
    void releaseIdle() {
        if (log.volume().clock().monotonicNs() - lookedNs > IDLE_NS) {
            releaseAll();
        }
    }

    /** Gives back what is reserved. Also for the closing thread, when nobody changes the log any more. */
    void releaseAll() {
        Segment held = ahead;
        if (held != null) {
            ahead = null;
            release(held);
        }
    }

    private void release(Segment segment) {
        try {
            segment.releaseReserved();
        } catch (IOException e) {
            // Removed meanwhile: the space went with the file.
            LogEvents.LOG.debug(
                    "{} keeps what is reserved for it", segment.paths().log(), e);
        }
    }
}
