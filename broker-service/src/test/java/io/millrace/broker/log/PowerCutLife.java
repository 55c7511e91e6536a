package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** A life in which every record is on disk before it is acknowledged, and in which power goes before a certain write. */
final class PowerCutLife extends LogLife {

    /** @param tearSeed decides upon what of the writes that were not synced survives */
    PowerCutLife(boolean compact, long seed, long tearSeed) {
        super(seed, new Random(seed), new Random(tearSeed), compact);
    }

    /**
     * A life with everything in it that writes: appends, new segments, a truncation, a compaction, deleted records, checkpoints, a
     * crash with its recovery, and a clean end and start; power goes before a certain write, sync, rename or removal. What was
     * acknowledged is there, once, and the producer that was not answered goes on by sending its batch again.
     *
     * @return whether power went
     */
    boolean writesWithPowerCutBefore(int writes) {
        boolean cut = false;
        disk.cutPowerAfter(writes);
        try {
            everythingThatWrites();
            disk.cutPowerAfter(Integer.MAX_VALUE);
        } catch (SimulatedDisk.PowerCut e) {
            note("power cut before write " + writes);
            cut = true;
            losePower();
            sendAgain();
        }
        check();
        if (follower) {
            changeRole();
        }
        append(0, false);
        append(FIRST_TRANSACTIONAL, true);
        endTransaction(FIRST_TRANSACTIONAL);
        check();
        restart();
        check();
        return cut;
    }

    private void everythingThatWrites() {
        for (int i = 0; i < 5; i++) {
            appendAndFlush();
        }
        changeRole();
        log.advanceHighWatermark(model.end);
        highestWatermark = log.snapshot().highWatermark();
        append(1, false);
        append(FIRST_TRANSACTIONAL, true);
        truncate(highestWatermark, highestWatermark);
        changeRole();
        appendAndFlush();
        if (compact) {
            passTime(2_000);
        }
        log.advanceHighWatermark(model.end);
        deleteRecordsBefore(model.start + (model.end - model.start) / 3);
        log.flush().checkpoint();
        passTime(100_000);
        appendAndFlush();
        loop.dropHeldWork();
        restart();
        appendAndFlush();
        log.advanceHighWatermark(model.end);
        harness.directories.close();
        loop.dropHeldWork();
        restart();
        appendAndFlush();
    }

    private void appendAndFlush() {
        append(random.nextInt(2), false);
        append(-1, false);
        append(FIRST_TRANSACTIONAL, true);
        endTransaction(FIRST_TRANSACTIONAL);
        assertThat(flushed).as("acknowledged, so on disk").isEqualTo(model.end);
    }
}
