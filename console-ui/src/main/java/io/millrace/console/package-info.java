/** The browser console's static files and the routes that serve them. Stateless. */
@NullMarked
package io.millrace.console;

import org.jspecify.annotations.NullMarked;
