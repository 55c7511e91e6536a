/** Peers that break the protocol, on raw sockets. Owner: the test thread. */
@NullMarked
package io.millrace.acceptance.hostile;

import org.jspecify.annotations.NullMarked;
