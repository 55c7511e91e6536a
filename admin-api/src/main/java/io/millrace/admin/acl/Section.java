package io.millrace.admin.acl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a cluster's security: what is there, or why nothing can be said.
 *
 * @param note absent where {@code state} is READ
 * @param items the first of them in order; empty unless {@code state} is READ
 * @param total how many there are
 */
record Section<T>(State state, @Nullable String note, List<T> items, int total) {
    private static final int SHOWN = 5_000;

    enum State {
        /** Here it is. */
        READ,
        /** The cluster does not use it. */
        OFF,
        /** The cluster does not know the request. */
        UNSUPPORTED,
        /** This API may not ask. */
        DENIED
    }

    static <T> Section<T> read(List<T> items) {
        return new Section<>(State.READ, null, items.stream().limit(SHOWN).toList(), items.size());
    }

    static <T> Section<T> without(State state, @Nullable String note) {
        return new Section<>(state, note, List.of(), 0);
    }
}
