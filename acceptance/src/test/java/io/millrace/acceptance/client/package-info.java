/** Clients in other languages and older Java clients, started as their users start them. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.client;

import org.jspecify.annotations.NullMarked;
