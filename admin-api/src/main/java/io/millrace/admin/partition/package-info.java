/** Replication: who leads, who follows, reassignments and elections. Runs on request threads. */
@NullMarked
package io.millrace.admin.partition;

import org.jspecify.annotations.NullMarked;
