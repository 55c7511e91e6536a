package io.millrace.broker.network;

import io.millrace.broker.runtime.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One of Netty's event loops, as the rest of the broker sees it. */
final class NettyEventLoop implements EventLoop {

    private final int index;
    private final io.netty.channel.EventLoop netty;

    NettyEventLoop(int index, io.netty.channel.EventLoop netty) {
        this.index = index;
        this.netty = netty;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public boolean inLoop() {
        return netty.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        netty.execute(task);
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        Future<?> future = netty.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public String toString() {
        return "loop " + index;
    }
}
