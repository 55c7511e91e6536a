package io.millrace.broker.coordinator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What a shard wants done because of one input: records to append, replies to send and events to tell once they stand.
 *
 * <p>The runtime carries it out: append → replay into the shard → high watermark → continuation, replies, events. If the records are
 * refused nothing is replayed, each reply becomes its own refusal, and the failure continuation runs instead. Without records it is
 * carried out at once, or, if it {@linkplain #readsCommitted() reads}, after everything appended before it is committed. Filled by the shard, on its loop.
 */
public final class Decision {

    /** A shard's next step, after the records of a decision were committed or refused; an input like any other. */
    public interface Step {
        void run(Moment now, Decision next);
    }

    private record Answer<T>(Reply<T> reply, T response) {
        void send() {
            reply.future().complete(response);
        }

        void refuse(Errors error) {
            reply.future().complete(reply.refused(error));
        }
    }

    private final List<CoordinatorRecord> records = new ArrayList<>(2);
    private final List<Answer<?>> answers = new ArrayList<>(2);
    private final List<CoordinatorEvent> events = new ArrayList<>(0);
    private final List<Step> afterCommit = new ArrayList<>(0);
    private final List<Function<Errors, Step>> afterRefusal = new ArrayList<>(0);
    private boolean readsCommitted;

    public void append(CoordinatorRecord record) {
        records.add(record);
    }

    public void append(List<CoordinatorRecord> more) {
        records.addAll(more);
    }

    public <T> void reply(Reply<T> reply, T response) {
        answers.add(new Answer<>(reply, response));
    }

    /** Answers with the reply's own refusal, for instance when the shard goes away. */
    public <T> void refuse(Reply<T> reply, Errors error) {
        answers.add(new Answer<>(reply, reply.refused(error)));
    }

    /** Takes over what was drafted in another decision before it was clear that it stands. */
    public void adopt(Decision draft) {
        records.addAll(draft.records);
        answers.addAll(draft.answers);
        events.addAll(draft.events);
        afterCommit.addAll(draft.afterCommit);
        afterRefusal.addAll(draft.afterRefusal);
        readsCommitted |= draft.readsCommitted;
    }

    public void event(CoordinatorEvent event) {
        events.add(event);
    }

    /** Has {@code step} run when the records are committed. */
    public void afterCommit(Step step) {
        afterCommit.add(step);
    }

    /** Has a step run if the records were refused, or were not committed in time. */
    public void afterRefusal(Function<Errors, Step> step) {
        afterRefusal.add(step);
    }

    /** Has {@code step} run in either case; it must look itself at what has become of the shard. */
    public void afterwards(Step step) {
        afterCommit(step);
        afterRefusal(error -> step);
    }

    /** The replies tell of durable state: they wait until everything that the shard has appended so far is committed. */
    public void readsCommitted() {
        readsCommitted = true;
    }

    public List<CoordinatorRecord> records() {
        return records;
    }

    public List<CoordinatorEvent> events() {
        return events;
    }

    boolean waitsForCommit() {
        return readsCommitted || !records.isEmpty();
    }

    boolean isRead() {
        return readsCommitted;
    }

    /** What runs after the outcome; null if nothing does. */
    @Nullable
    Step stepAfter(Errors outcome) {
        List<Step> steps = outcome == Errors.NONE
                ? afterCommit
                : afterRefusal.stream().map(refusal -> refusal.apply(outcome)).toList();
        return steps.isEmpty() ? null : (now, next) -> steps.forEach(step -> step.run(now, next));
    }

    void sendReplies() {
        answers.forEach(Answer::send);
    }

    void refuseReplies(Errors error) {
        answers.forEach(answer -> answer.refuse(error));
    }
}
