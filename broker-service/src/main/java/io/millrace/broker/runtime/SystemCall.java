package io.millrace.broker.runtime;

/** What the classes that make system calls through the foreign function interface have in common. */
final class SystemCall {

    private SystemCall() {}

    /** For what a method handle declares to throw: a system call answers with a number, whatever is thrown is the virtual machine's. */
    static IllegalStateException failed(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a system call could not be made", e);
    }
}
