package io.millrace.acceptance.broker;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Hands brokers to labs, ends them in time, and puts the end of their logs into a failure. */
final class LabExtension implements ParameterResolver, TestExecutionExceptionHandler {
    private static final Namespace NAMESPACE = Namespace.create(LabExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == BrokerUnderTest.class || type == Brokers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Brokers.class ? own(context) : shared(context);
    }

    /** Stored with the root, so it lives as long as the run. */
    private static BrokerUnderTest shared(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent("shared", key -> BrokerUnderTest.start(java.util.Map.of()), BrokerUnderTest.class);
    }

    private static Brokers own(ExtensionContext context) {
        return context.getStore(NAMESPACE).computeIfAbsent("own", key -> new Brokers(), Brokers.class);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        if (!(failure instanceof TestAbortedException)) {
            BrokerUnderTest shared = context.getRoot().getStore(NAMESPACE).get("shared", BrokerUnderTest.class);
            Brokers own = context.getStore(NAMESPACE).get("own", Brokers.class);
            Stream.concat(Stream.ofNullable(shared), own == null ? Stream.empty() : own.started())
                    .forEach(broker -> failure.addSuppressed(new BrokerLog(broker)));
        }
        throw failure;
    }

    /** The end of a broker's log as part of a stack trace. */
    private static final class BrokerLog extends Exception {
        private BrokerLog(BrokerUnderTest broker) {
            super(message(broker), null, false, false);
        }

        private static String message(BrokerUnderTest broker) {
            List<String> lines =
                    broker.process() == null ? List.of() : broker.process().lines();
            return broker.name() + " logged last:\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        }
    }
}
