/** Producers and their transactions, as partition leaders and transaction coordinators know them. Runs on request threads. */
@NullMarked
package io.millrace.admin.producer;

import org.jspecify.annotations.NullMarked;
