package io.millrace.broker.log;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one logger of this package, so that an operator finds all storage events under one name. */
final class LogEvents {
    static final Logger LOG = LoggerFactory.getLogger("io.millrace.broker.log");

    private LogEvents() {}
}
