/** Configurations of topics and brokers: read, and changed as they were read. Runs on request threads. */
@NullMarked
package io.millrace.admin.config;

import org.jspecify.annotations.NullMarked;
