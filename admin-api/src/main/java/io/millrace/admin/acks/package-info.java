/** The acks lab: what a setting of acks costs and what it promises, measured on a twin of a topic that is deleted afterwards. */
@NullMarked
package io.millrace.admin.acks;

import org.jspecify.annotations.NullMarked;
