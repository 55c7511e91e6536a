package io.millrace.admin.operation;

/** What an operation does. An interrupt asks it to stop where it is. */
@FunctionalInterface
public interface Work {

    /** Returns the operation's result; a failure that callers are to understand is an ApiException. */
    Object run(Report report) throws InterruptedException;

    /** Where the work says how far it is. */
    interface Report {
        /** For a caller who waits for the answer. */
        Report NOBODY = (done, total, unit) -> {};

        void progress(long done, long total, String unit);
    }
}
