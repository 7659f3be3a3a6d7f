package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * An isolated process that waits for one program, and the five connections to it. Closing it ends
 * what runs in it.
 *
 * <p>The supervisor connection belongs to the container's fork server, which the program cannot
 * reach; the others are the program's: control frames and the three standard streams.
 */
final class Slot implements Closeable {
  private static final Duration LONGEST_ISOLATION = Duration.ofSeconds(15);

  private final Container container;
  private final List<SocketChannel> channels;
  private final FrameChannel supervisor;
  private final FrameChannel control;

  /** The slot itself says why it cannot be had; nothing of a caller's has run in it. */
  static final class RefusedException extends IOException {
    RefusedException(String message) {
      super(message);
    }
  }

  private Slot(Container container, List<SocketChannel> channels) {
    this.container = container;
    this.channels = channels;
    this.supervisor = new FrameChannel(channels.get(0));
    this.control = new FrameChannel(channels.get(1));
  }

  /**
   * Connects to a container's fork server, and tells the slot that this makes its limits; the order
   * and number of connections are the protocol.
   */
  static Slot connect(Container container, Path socket, SlotLimits limits) throws IOException {
    List<SocketChannel> channels = new ArrayList<>(5);
    try {
      for (int i = 0; i < 5; i++) {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channels.add(channel);
        channel.connect(UnixDomainSocketAddress.of(socket));
      }
      Slot slot = new Slot(container, channels);
      slot.control.send(FrameKind.LIMIT, limits.frame());
      return slot;
    } catch (IOException e) {
      closeAll(channels);
      throw e;
    }
  }

  /**
   * Waits until the slot is isolated and limited, for at most 15 seconds.
   *
   * @param timer ends the wait
   * @throws RefusedException if it cannot be
   * @throws IOException if it has ended, or takes too long
   */
  void awaitReady(ScheduledExecutorService timer) throws IOException {
    // Closing the slot ends all that is in it, and the wait for it here.
    ScheduledFuture<?> alarm =
        timer.schedule(this::close, LONGEST_ISOLATION.toMillis(), TimeUnit.MILLISECONDS);
    Frame frame;
    try {
      frame = control.receive();
    } catch (ClosedByInterruptException e) {
      throw e; // Whoever waited has been interrupted.
    } catch (AsynchronousCloseException e) {
      throw new IOException(
          "the slot was not isolated within %d s".formatted(LONGEST_ISOLATION.toSeconds()), e);
    } finally {
      alarm.cancel(false);
    }
    if (frame == null) {
      throw new IOException("the slot ended before it was ready");
    }
    if (frame.kind() != FrameKind.READY) {
      throw new RefusedException(
          "the slot could not be isolated and limited: "
              + Json.parse(frame.payload()).path("reason").asString("unknown"));
    }
  }

  Container container() {
    return container;
  }

  FrameChannel supervisor() {
    return supervisor;
  }

  FrameChannel control() {
    return control;
  }

  SocketChannel stdin() {
    return channels.get(2);
  }

  SocketChannel stdout() {
    return channels.get(3);
  }

  SocketChannel stderr() {
    return channels.get(4);
  }

  @Override
  public void close() {
    closeAll(channels);
  }

  private static void closeAll(List<SocketChannel> channels) {
    for (SocketChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        // Closing a socket fails only if it is closed already.
      }
    }
  }
}
