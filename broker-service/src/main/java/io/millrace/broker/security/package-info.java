/** Row 1. Principals and authorisation. */
@NullMarked
package io.millrace.broker.security;

import org.jspecify.annotations.NullMarked;
