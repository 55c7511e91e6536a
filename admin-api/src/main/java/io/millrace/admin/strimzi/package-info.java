/** Topics declared by Strimzi KafkaTopic manifests. Runs on request threads. */
@NullMarked
package io.millrace.admin.strimzi;

import org.jspecify.annotations.NullMarked;
