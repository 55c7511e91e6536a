/** The labs of the seed documents, one class each; the name starts with the id of the lab. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.lab;

import org.jspecify.annotations.NullMarked;
