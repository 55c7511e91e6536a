package io.millrace.broker.log;

import java.io.IOException;

/** Bytes of a log that had been accepted are no record batches any more; the message names file, position and offset. */
final class CorruptLogException extends IOException {
    CorruptLogException(String message) {
        super(message);
    }
}
