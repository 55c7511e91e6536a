/** Large groups of members that speak the group protocols themselves; measured, and checked to own everything once. */
@NullMarked
package io.millrace.acceptance.groups;

import org.jspecify.annotations.NullMarked;
