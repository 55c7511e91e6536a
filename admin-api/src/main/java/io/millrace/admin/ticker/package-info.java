/** What happens in a cluster, as it happens: topics, leaders, replicas, brokers, groups, and changes by people. */
@NullMarked
package io.millrace.admin.ticker;

import org.jspecify.annotations.NullMarked;
