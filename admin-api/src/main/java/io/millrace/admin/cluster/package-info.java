/** The clusters this API looks after, each with one Admin client that all request threads share. */
@NullMarked
package io.millrace.admin.cluster;

import org.jspecify.annotations.NullMarked;
