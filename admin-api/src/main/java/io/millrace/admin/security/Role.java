package io.millrace.admin.security;

/** What a user may do; each may do what the ones before it may. */
enum Role {
    /** Read everything, and try changes as dry runs. */
    VIEWER,
    /** Also produce, create and configure topics, reset offsets. */
    OPERATOR,
    /** Also destroy, move partitions, and configure brokers. */
    ADMIN
}
