package io.millrace.broker.request;

import io.millrace.broker.coordinator.group.GroupCoordinator;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/** A coordinator that holds every group in partition 3 and never answers. */
public final class NoGroups {

    private NoGroups() {}

    public static GroupCoordinator coordinator() {
        return (GroupCoordinator) Proxy.newProxyInstance(
                NoGroups.class.getClassLoader(),
                new Class<?>[] {GroupCoordinator.class},
                (proxy, method, arguments) ->
                        method.getReturnType() == int.class ? (Object) 3 : new CompletableFuture<Object>());
    }
}
