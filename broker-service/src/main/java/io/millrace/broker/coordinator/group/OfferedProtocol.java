package io.millrace.broker.coordinator.group;

import java.util.Arrays;

/** One assignor that a member of the classic protocol offers, with its subscription in that assignor's own format; immutable. */
public final class OfferedProtocol {
    private final String name;
    private final byte[] metadata;

    /** {@code metadata} is not copied: nobody changes it. */
    public OfferedProtocol(String name, byte[] metadata) {
        this.name = name;
        this.metadata = metadata;
    }

    public String name() {
        return name;
    }

    public byte[] metadata() {
        return metadata;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OfferedProtocol that
                && name.equals(that.name)
                && Arrays.equals(metadata, that.metadata);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(metadata);
    }

    @Override
    public String toString() {
        return name + " (" + metadata.length + " bytes)";
    }
}
