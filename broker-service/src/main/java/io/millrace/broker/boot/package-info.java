/** Row 6. Wiring, lifecycle, health; the only package that imports Spring. */
@NullMarked
package io.millrace.broker.boot;

import org.jspecify.annotations.NullMarked;
