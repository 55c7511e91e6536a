package io.millrace.admin.web;

import io.millrace.admin.problem.ApiException;
import org.jspecify.annotations.Nullable;

/** The second look before something is destroyed: the caller names it once more. */
public final class Confirmation {
    private Confirmation() {}

    public static void require(@Nullable String confirm, String name, String what) {
        if (name.equals(confirm)) return;
        throw ApiException.badRequest(
                "CONFIRMATION_REQUIRED",
                what + " cannot be undone; repeat the request with confirm=" + name
                        + (confirm == null ? "" : " (confirm was '" + confirm + "')"));
    }
}
