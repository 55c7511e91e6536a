/** RFC 9457 problems: every failure leaves the API in this one shape, on the request's own thread. */
@NullMarked
package io.millrace.admin.problem;

import org.jspecify.annotations.NullMarked;
