/** Row 0. Kafka's configuration keys, read once into typed records, one per package that needs them. */
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
