@org.jspecify.annotations.NullMarked
package io.millrace.broker.coordinator.group.journal;
