/**
 * Row 1. Listeners and connections over Netty: frames in, responses out in request order, bounded memory. The only package that
 * imports Netty. A connection belongs to the event loop it was accepted on.
 */
@NullMarked
package io.millrace.broker.network;

import org.jspecify.annotations.NullMarked;
