/** Tests of storage. */
package io.millrace.broker.log;
