/** Who rebalanced when, why, and what stood still meanwhile: from the group journal, or by looking where there is none. */
@NullMarked
package io.millrace.admin.rebalance;

import org.jspecify.annotations.NullMarked;
