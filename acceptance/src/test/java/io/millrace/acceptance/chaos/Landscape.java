package io.millrace.acceptance.chaos;

import java.util.List;

/** What the nodes stand on: where they are to be reached, and what can be done to the network between them. */
interface Landscape extends AutoCloseable {

    /** Stands for the clients' machine where a node is named. */
    int CLIENTS = 0;

    /** Host and port of a node for clients and other brokers. */
    String kafka(int node);

    /** Host and port of a node for controllers. */
    String controller(int node);

    /** What a command has to begin with to run at {@code node}. */
    List<String> at(int node);

    /** Whether the methods below do something. */
    boolean hasNetwork();

    /** Nothing that {@code from} sends reaches {@code to} any more. */
    void cut(int from, int to);

    /** One in five packets to {@code node} is lost. */
    void lose(int node);

    /** What {@code node} sends takes long. */
    void slow(int node);

    /** The network is as at first. */
    void heal();

    @Override
    void close();
}
