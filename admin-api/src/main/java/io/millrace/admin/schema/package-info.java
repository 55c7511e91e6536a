/** Payloads in a Schema Registry's wire format: finds their schemas, and shows Avro, Protobuf and JSON Schema values as JSON. */
@NullMarked
package io.millrace.admin.schema;

import org.jspecify.annotations.NullMarked;
