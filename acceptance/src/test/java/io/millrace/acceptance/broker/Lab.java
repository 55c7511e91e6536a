package io.millrace.acceptance.broker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class of acceptance tests. Its methods and constructor may ask for a {@link BrokerUnderTest}, shared by all labs of the
 * run, or for {@link Brokers}, to start their own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@ExtendWith(LabExtension.class)
public @interface Lab {}
