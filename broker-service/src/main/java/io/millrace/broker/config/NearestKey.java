package io.millrace.broker.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the key that somebody probably meant, by edit distance. */
final class NearestKey {

    private NearestKey() {}

    /** The nearest of {@code known}, if it is near enough to be a likely slip: a quarter of the key's length. */
    static Optional<String> to(String key, Collection<String> known) {
        int limit = Math.max(2, key.length() / 4);
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - key.length()) <= limit)
                .filter(candidate -> distance(key, candidate) <= limit)
                .min(Comparator.<String>comparingInt(candidate -> distance(key, candidate))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Levenshtein distance, one row of the table at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
