@org.jspecify.annotations.NullMarked
package io.millrace.admin.producer;
