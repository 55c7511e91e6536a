@NullMarked
package io.millrace.sample;

import org.jspecify.annotations.NullMarked;
