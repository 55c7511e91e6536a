/** A real Kafka for the tests of the API. */
package io.millrace.admin.kafka;
