package io.athena.procedures.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a client's connection. Not gRPC's shared one, which lives on for a second: a
 * process that ends meanwhile waits 0.3 s for a thread that is in the kernel.
 */
final class ClientThread extends DefaultThreadFactory {
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, this, NioIoHandler.newFactory());
  private volatile @Nullable Thread thread;

  ClientThread() {
    super("athena-client", true);
  }

  @Override
  protected Thread newThread(Runnable task, String name) {
    Thread made = super.newThread(task, name);
    thread = made;
    return made;
  }

  EventLoopGroup eventLoop() {
    return eventLoop;
  }

  /** Ends it, and waits until it is gone: its group says so a little earlier. */
  void end(long seconds) {
    eventLoop
        .shutdownGracefully(0, seconds, TimeUnit.SECONDS)
        .awaitUninterruptibly(seconds, TimeUnit.SECONDS);
    Thread last = thread;
    try {
      if (last != null) {
        last.join(TimeUnit.SECONDS.toMillis(seconds));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
