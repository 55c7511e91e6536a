package io.millrace.broker.log;

/**
 * Lets a log that copies old records from its leader leave the page cache to others: what is read there are the newest records of other
 * partitions, and a few gigabytes that come to a new replica would push them out. What was copied is written to the disk at once, and its
 * pages, once they are there, take the next records.
 *
 * <p>It begins after {@link #BEGIN_BYTES} without a break in which the leader had committed more than was here, and ends when that is
 * no longer so. The log's loop only; system calls are made by I/O workers.
 */
final class DropBehind {

    static final int BEGIN_BYTES = 32 << 20;

    /** Written to the disk at a time. */
    private static final int STEP_BYTES = 8 << 20;

    /** What has been on its way to the disk for so long that it is there; more than {@link ColdReads} takes for warm. */
    private static final int DISTANCE_BYTES = 32 << 20;

    private final PartitionLog log;
    private long bytesBehind;
    private Segment segment;
    private int writtenTo;
    private boolean working;

    DropBehind(PartitionLog log) {
        this.log = log;
        this.segment = log.view().active();
    }

    /** Records were copied. */
    void copied(int bytes, boolean stillBehind) {
        bytesBehind = stillBehind ? bytesBehind + bytes : 0;
        Segment active = log.view().active();
        int size = active.sizeBytes();
        if (segment != active) {
            segment = active;
            writtenTo = 0;
        }
        if (bytesBehind < BEGIN_BYTES) {
            writtenTo = size; // What was here before stays.
        } else if (!working && size - writtenTo >= STEP_BYTES) {
            int from = Math.max(0, writtenTo - DISTANCE_BYTES);
            int dropTo = Math.max(from, size - DISTANCE_BYTES);
            working = true;
            writtenTo = size;
            log.volume().submit(() -> {
                active.giveUpCache(from, dropTo, size);
                log.loop().run(() -> working = false);
            });
        }
    }
}
