/** Consumer groups: members, offsets, lag, resets. A background watch of its own; the rest on request threads. */
@NullMarked
package io.millrace.admin.group;

import org.jspecify.annotations.NullMarked;
