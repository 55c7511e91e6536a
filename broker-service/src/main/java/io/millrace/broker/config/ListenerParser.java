package io.millrace.broker.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;

/** Turns the keys about listeners into {@link Listeners}, by Kafka's rules. */
final class ListenerParser {

    /** {@code NAME://host:port}; the host may be empty, an IPv6 address stands in brackets. */
    private static final Pattern ENDPOINT = Pattern.compile("(.*)://\\[?([0-9a-zA-Z\\-%._:]*)\\]?:(-?[0-9]{1,9})");

    private final Set<ProcessRole> roles;
    private final Map<ListenerName, SecurityProtocol> protocols;
    private final List<ListenerName> controllers;

    /**
     * @param protocolMap the value of {@code listener.security.protocol.map}; null when it is not set
     * @param controllerNames the value of {@code controller.listener.names}
     */
    ListenerParser(Set<ProcessRole> roles, @Nullable String protocolMap, List<String> controllerNames) {
        this.roles = roles;
        this.controllers = controllerNames.stream()
                .map(ListenerName::normalised)
                .distinct()
                .toList();
        this.protocols = protocols(protocolMap);
    }

    /**
     * @param listeners the value of {@code listeners}
     * @param advertised the value of {@code advertised.listeners}; null when it is not set
     * @param interBrokerName the value of {@code inter.broker.listener.name}; null when it is not set
     * @param interBrokerProtocol the value of {@code security.inter.broker.protocol}; null when it is not set
     */
    Listeners parse(
            List<String> listeners,
            @Nullable List<String> advertised,
            @Nullable String interBrokerName,
            @Nullable String interBrokerProtocol) {
        List<Endpoint> bound = endpoints("listeners", listeners);
        distinctNames("listeners", bound);
        distinctPorts(bound);
        checkRoles(bound);
        List<Endpoint> told = told(bound, advertised);
        List<Endpoint> controllerSide = told.stream().filter(this::isController).toList();
        List<Endpoint> brokerSide = told.stream().filter(e -> !isController(e)).toList();
        if (!roles.contains(ProcessRole.BROKER)) {
            require(
                    brokerSide.isEmpty(),
                    "The advertised.listeners config must only contain KRaft controller listeners from"
                            + " controller.listener.names when process.roles=controller");
            return new Listeners(bound, List.of(), controllerSide, null, controllers, controllerProtocol());
        }
        require(
                !brokerSide.isEmpty(),
                "There must be at least one broker advertised listener; listeners has only those of the controller");
        ListenerName interBroker = interBroker(brokerSide, interBrokerName, interBrokerProtocol);
        return new Listeners(bound, brokerSide, controllerSide, interBroker, controllers, controllerProtocol());
    }

    private SecurityProtocol controllerProtocol() {
        return protocols.getOrDefault(controllers.getFirst(), SecurityProtocol.PLAINTEXT);
    }

    private Map<ListenerName, SecurityProtocol> protocols(@Nullable String protocolMap) {
        Map<ListenerName, SecurityProtocol> known = new HashMap<>();
        if (protocolMap == null) {
            for (SecurityProtocol protocol : SecurityProtocol.values()) {
                known.put(ListenerName.forSecurityProtocol(protocol), protocol);
            }
            // Without a map of the user's own, controller listeners need no entry.
            controllers.forEach(name -> known.putIfAbsent(name, SecurityProtocol.PLAINTEXT));
            return known;
        }
        for (String entry : protocolMap.split("\\s*,\\s*", -1)) {
            if (entry.isBlank()) {
                continue;
            }
            int colon = entry.lastIndexOf(':');
            require(colon > 0, "listener.security.protocol.map: '" + entry + "' is not of the form LISTENER:PROTOCOL");
            known.put(ListenerName.normalised(entry.substring(0, colon).strip()), protocol(entry.substring(colon + 1)));
        }
        return known;
    }

    private static SecurityProtocol protocol(String name) {
        try {
            return SecurityProtocol.forName(name.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfiguration("'" + name.strip() + "' is not a security protocol; it must be one of "
                    + Arrays.toString(SecurityProtocol.values()));
        }
    }

    private List<Endpoint> endpoints(String key, List<String> texts) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String text : texts) {
            Matcher matcher = ENDPOINT.matcher(text.strip());
            require(
                    matcher.matches(),
                    key + ": unable to parse " + text + " to a broker endpoint; it must look like NAME://host:port");
            ListenerName name = ListenerName.normalised(matcher.group(1));
            int port = Integer.parseInt(matcher.group(3));
            require(
                    port >= 0 && port <= 65535,
                    key + ": port " + port + " of listener " + name.value() + " must be between 0 and 65535");
            SecurityProtocol protocol = protocols.get(name);
            if (protocol == null) {
                throw new InvalidConfiguration("No security protocol defined for listener " + name.value()
                        + "; add it to listener.security.protocol.map, as in " + name.value() + ":PLAINTEXT");
            }
            require(
                    protocol == SecurityProtocol.PLAINTEXT,
                    key + ": listener " + name.value() + " uses " + protocol
                            + ", which is not supported yet; use PLAINTEXT");
            String host = matcher.group(2).isEmpty() ? null : matcher.group(2);
            endpoints.add(endpoint(name, protocol, host, port));
        }
        return endpoints;
    }

    @SuppressWarnings("NullAway") // Kafka's Endpoint takes a null host for "all interfaces"
    private static Endpoint endpoint(ListenerName name, SecurityProtocol protocol, @Nullable String host, int port) {
        return new Endpoint(name.value(), protocol, host, port);
    }

    private static void distinctNames(String key, List<Endpoint> endpoints) {
        Set<String> names = new HashSet<>();
        for (Endpoint endpoint : endpoints) {
            require(
                    names.add(endpoint.listener()),
                    "Each listener must have a different name, " + key + ": " + show(endpoints));
        }
    }

    /** One port for two listeners is allowed only where one is an IPv4 and the other an IPv6 address. */
    private static void distinctPorts(List<Endpoint> endpoints) {
        Map<Integer, List<Endpoint>> byPort =
                endpoints.stream().filter(e -> e.port() != 0).collect(Collectors.groupingBy(Endpoint::port));
        for (List<Endpoint> same : byPort.values()) {
            if (same.size() == 1) {
                continue;
            }
            long v6 = same.stream()
                    .filter(e -> e.host() != null && e.host().contains(":"))
                    .count();
            long v4 = same.stream()
                    .filter(e -> e.host() != null && e.host().matches("[0-9.]+"))
                    .count();
            require(
                    same.size() == 2 && v4 == 1 && v6 == 1,
                    "Each listener must have a different port unless exactly one listener has an IPv4 address and the"
                            + " other IPv6 address, listeners: " + show(endpoints));
        }
    }

    private void checkRoles(List<Endpoint> bound) {
        require(!bound.isEmpty(), "listeners: at least one listener is needed");
        require(!controllers.isEmpty(), "controller.listener.names must contain at least one value");
        if (roles.contains(ProcessRole.CONTROLLER)) {
            require(
                    bound.stream().anyMatch(this::isController),
                    "controller.listener.names must contain at least one value appearing in the 'listeners' configuration"
                            + " when running the KRaft controller role");
            require(
                    roles.contains(ProcessRole.BROKER) || onlyControllers(bound),
                    "The listeners config must only contain KRaft controller listeners from controller.listener.names"
                            + " when process.roles=controller");
        } else {
            require(
                    bound.stream().noneMatch(this::isController),
                    "controller.listener.names must not contain a value appearing in the 'listeners' configuration when"
                            + " running KRaft with just the broker role");
        }
    }

    /** What others are told: {@code advertised.listeners}, and the listeners themselves where it says nothing. */
    private List<Endpoint> told(List<Endpoint> bound, @Nullable List<String> advertised) {
        List<Endpoint> told = new ArrayList<>();
        if (advertised == null || advertised.isEmpty()) {
            told.addAll(bound);
        } else {
            told.addAll(endpoints("advertised.listeners", advertised));
            distinctNames("advertised.listeners", told);
            Set<String> names = bound.stream().map(Endpoint::listener).collect(Collectors.toSet());
            for (Endpoint endpoint : told) {
                require(
                        names.contains(endpoint.listener()),
                        "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners."
                                + " Found " + endpoint.listener()
                                + ". The valid options based on the current configuration are "
                                + String.join(",", names.stream().sorted().toList()));
            }
            Set<String> advertisedNames = told.stream().map(Endpoint::listener).collect(Collectors.toSet());
            bound.stream()
                    .filter(e -> isController(e) && !advertisedNames.contains(e.listener()))
                    .forEach(told::add);
        }
        return told.stream().map(this::reachable).toList();
    }

    /** Without a host others are told this machine's own name; the meta-address cannot be told to anybody. */
    private Endpoint reachable(Endpoint endpoint) {
        String host = endpoint.host();
        require(
                host == null || isController(endpoint) || !host.equals("0.0.0.0"),
                "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.");
        if (host != null) {
            return endpoint;
        }
        return new Endpoint(endpoint.listener(), endpoint.securityProtocol(), ownHostName(), endpoint.port());
    }

    private static String ownHostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private ListenerName interBroker(List<Endpoint> shown, @Nullable String name, @Nullable String protocol) {
        require(
                name == null || protocol == null,
                "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
        ListenerName wanted = name != null
                ? ListenerName.normalised(name)
                : ListenerName.forSecurityProtocol(protocol == null ? SecurityProtocol.PLAINTEXT : protocol(protocol));
        String key = name != null ? "inter.broker.listener.name" : "security.inter.broker.protocol";
        require(
                shown.stream().anyMatch(e -> e.listener().equals(wanted.value())),
                key + " (" + wanted.value()
                        + ") must be a listener name defined in advertised.listeners. The valid options based"
                        + " on currently configured listeners are "
                        + shown.stream().map(Endpoint::listener).collect(Collectors.joining(",")));
        return wanted;
    }

    private boolean isController(Endpoint endpoint) {
        return controllers.contains(ListenerName.normalised(endpoint.listener()));
    }

    private boolean onlyControllers(List<Endpoint> endpoints) {
        return endpoints.stream().allMatch(this::isController);
    }

    private static String show(List<Endpoint> endpoints) {
        return endpoints.stream()
                .map(e -> e.listener() + "://" + (e.host() == null ? "" : e.host()) + ":" + e.port())
                .collect(Collectors.joining(","));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidConfiguration(otherwise);
        }
    }
}
