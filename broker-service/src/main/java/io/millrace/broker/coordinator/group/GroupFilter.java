package io.millrace.broker.coordinator.group;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;

/** Which groups a ListGroups request asks for; an empty set asks for all. Names are compared without case. */
record GroupFilter(Set<String> states, Set<String> types) {

    static GroupFilter of(ListGroupsRequestData request) {
        return new GroupFilter(lowerCase(request.statesFilter()), lowerCase(request.typesFilter()));
    }

    private static Set<String> lowerCase(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    List<ListedGroup> list(Collection<Group> groups) {
        return groups.stream()
                .filter(group -> matches(states, group.state()) && matches(types, group.type()))
                .map(group -> new ListedGroup()
                        .setGroupId(group.groupId())
                        .setProtocolType(group.protocolType())
                        .setGroupState(group.state())
                        .setGroupType(group.type()))
                .toList();
    }

    private static boolean matches(Set<String> wanted, String name) {
        return wanted.isEmpty() || wanted.contains(name.toLowerCase(Locale.ROOT));
    }
}
