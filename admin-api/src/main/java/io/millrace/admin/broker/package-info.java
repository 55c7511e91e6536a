/** Brokers, the metadata quorum, log directories. Runs on request threads. */
@NullMarked
package io.millrace.admin.broker;

import org.jspecify.annotations.NullMarked;
