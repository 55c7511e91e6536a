/** Topics: lists from the snapshot, changes through the Admin client. Runs on request threads. */
@NullMarked
package io.millrace.admin.topic;

import org.jspecify.annotations.NullMarked;
