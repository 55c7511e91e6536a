package io.millrace.broker.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Everything that was configured, by key; of several origins the later added one counts. Not yet checked. Immutable. */
public final class Settings {

    private final Map<String, Setting> byKey;

    private Settings(Map<String, Setting> byKey) {
        this.byKey = Collections.unmodifiableMap(byKey);
    }

    /** No settings at all. */
    public static Settings none() {
        return new Settings(new LinkedHashMap<>());
    }

    /** The settings of a Java properties file in UTF-8, in the order of their keys. */
    public static Settings ofFile(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new InvalidConfiguration("configuration file " + file + " does not exist");
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidConfiguration("configuration file " + file + " cannot be read: " + e.getMessage());
        }
        String origin = String.valueOf(file.getFileName());
        List<Setting> settings = new ArrayList<>();
        for (String key : properties.stringPropertyNames().stream().sorted().toList()) {
            settings.add(new Setting(key, properties.getProperty(key), origin));
        }
        return none().and(settings);
    }

    /** These settings, overridden by {@code others}. */
    public Settings and(Collection<Setting> others) {
        Map<String, Setting> all = new LinkedHashMap<>(byKey);
        for (Setting other : others) {
            all.put(other.key(), other);
        }
        return new Settings(all);
    }

    /** These settings, with {@code fallback} where the key is not set. */
    public Settings orElse(Collection<Setting> fallback) {
        return none().and(fallback).and(byKey.values());
    }

    public boolean has(String key) {
        return byKey.containsKey(key);
    }

    public @Nullable Setting find(String key) {
        return byKey.get(key);
    }

    public Collection<Setting> all() {
        return byKey.values();
    }
}
