package io.millrace.acceptance.client;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** How members of a group agree on who reads what. */
public enum GroupProtocol {
    /** The members assign. */
    CLASSIC,
    /** The coordinator assigns (KIP-848). */
    CONSUMER;

    /** A consumer's configuration in this protocol. */
    public Map<String, String> with(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("group.protocol", name().toLowerCase(Locale.ROOT));
        return all;
    }
}
