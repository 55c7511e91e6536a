package io.millrace.admin.web;

import io.millrace.admin.problem.ApiException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Strong entity tags over what is about to be changed, so that nobody overwrites what somebody else just changed. */
public final class EntityTag {
    private static final int BYTES = 12;

    private EntityTag() {}

    /** The quoted tag of some values; the same values in the same order have the same one. */
    public static String of(Iterable<?> values) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Object value : values) {
                digest.update(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return '"' + HexFormat.of().formatHex(digest.digest(), 0, BYTES) + '"';
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** Refuses when {@code If-Match} is given and names another state than the present one. */
    public static void check(@Nullable String ifMatch, String current, String what) {
        if (ifMatch == null || ifMatch.strip().equals("*")) return;
        if (Arrays.stream(ifMatch.split(",")).map(String::strip).anyMatch(current::equals)) return;
        throw new ApiException(
                HttpStatus.PRECONDITION_FAILED,
                "CHANGED_MEANWHILE",
                what + " changed since you read it; read it again and decide anew",
                false,
                Map.of("etag", current),
                null);
    }
}
