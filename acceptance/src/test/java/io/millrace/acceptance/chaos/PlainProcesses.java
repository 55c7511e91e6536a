package io.millrace.acceptance.chaos;

import io.millrace.acceptance.broker.FreePorts;
import java.util.ArrayList;
import java.util.List;

/** All nodes on the loopback interface, whose network cannot be harmed. */
final class PlainProcesses implements Landscape {

    private final List<Integer> kafkaPorts = new ArrayList<>();
    private final List<Integer> controllerPorts = new ArrayList<>();

    PlainProcesses(int nodes) {
        for (int i = 0; i < nodes; i++) {
            kafkaPorts.add(FreePorts.next());
            controllerPorts.add(FreePorts.next());
        }
    }

    @Override
    public String kafka(int node) {
        return "127.0.0.1:" + kafkaPorts.get(node - 1);
    }

    @Override
    public String controller(int node) {
        return "127.0.0.1:" + controllerPorts.get(node - 1);
    }

    @Override
    public List<String> at(int node) {
        return List.of();
    }

    @Override
    public boolean hasNetwork() {
        return false;
    }

    @Override
    public void cut(int from, int to) {
        throw new IllegalStateException("there is no network to cut");
    }

    @Override
    public void lose(int node) {
        throw new IllegalStateException("there is no network that could lose anything");
    }

    @Override
    public void slow(int node) {
        throw new IllegalStateException("there is no network that could be slow");
    }

    @Override
    public void heal() {
        // It is always well.
    }

    @Override
    public void close() {
        // Nothing was made.
    }
}
