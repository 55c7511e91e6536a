/** Real brokers for the tests of the API, and what those tests share. */
package io.millrace.admin.kafka;
