package io.millrace.admin;

import io.millrace.console.ConsoleModule;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.PropertySource;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * The admin API and the console as one importable piece: a process that wants them imports this class.
 *
 * <p>Its defaults live in a file of their own, because {@code application.properties} belongs to the process.
 */
@Configuration(proxyBeanMethods = false)
@ComponentScan
@ConfigurationPropertiesScan
@EnableScheduling
@Import(ConsoleModule.class)
@PropertySource("classpath:millrace-admin.properties")
public class AdminModule {}
