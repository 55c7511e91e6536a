package io.millrace.broker.config;

/**
 * One configured value, as written.
 *
 * @param origin where it was written, for messages: a file's name, a variable, an option
 */
public record Setting(String key, String value, String origin) {}
