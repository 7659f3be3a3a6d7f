package io.athena.procedures.rpc;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.http2.Http2Ping;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/2 connection of Helidon whose end ends its calls. A peer that falls silent is asked by a
 * PING whether it lives; if it does not answer, the connection is closed: TCP alone would not
 * notice for a quarter of an hour, and programs would run for nobody.
 */
final class WatchedConnection implements ServerConnection, InterruptableTask<Void> {
  private static final Logger log = LoggerFactory.getLogger(WatchedConnection.class);

  private final ServerConnection connection;
  private final Duration keepaliveTime;
  private final Duration keepaliveTimeout;
  private final Map<Integer, WatchedStream> streams = new ConcurrentHashMap<>();
  private volatile @Nullable Http2StreamWriter writer;
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean open = true;

  WatchedConnection(
      ServerConnectionSelector selector,
      ConnectionContext context,
      Duration keepaliveTime,
      Duration keepaliveTimeout) {
    this.keepaliveTime = keepaliveTime;
    this.keepaliveTimeout = keepaliveTimeout;
    this.connection = selector.connection(new WatchedContext(context, this));
  }

  void heard() {
    heardNanos = System.nanoTime();
  }

  void opened(int streamId, WatchedStream stream, Http2StreamWriter streamWriter) {
    writer = streamWriter;
    streams.put(streamId, stream);
    if (!open) {
      stream.connectionEnded();
    }
  }

  void closed(int streamId) {
    streams.remove(streamId);
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    Thread watch = Thread.ofVirtual().name("keepalive").start(this::keepAlive);
    try {
      connection.handle(limit);
    } finally {
      open = false;
      watch.interrupt();
      streams.values().forEach(WatchedStream::connectionEnded);
    }
  }

  /** Never idle: a dead peer is found by asking, and a living one may come back with a call. */
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  @Override
  public void close(boolean interrupt) {
    connection.close(interrupt);
  }

  @Override
  public boolean canInterrupt() {
    return connection instanceof InterruptableTask<?> task && task.canInterrupt();
  }

  @Override
  public @Nullable Void call() {
    return null;
  }

  private void keepAlive() {
    while (open) {
      long silence = System.nanoTime() - heardNanos;
      Http2StreamWriter peer = writer;
      if (silence < keepaliveTime.toNanos() || peer == null) {
        LockSupport.parkNanos(Math.max(1_000_000, keepaliveTime.toNanos() - silence));
        continue;
      }
      long asked = System.nanoTime();
      // On its own thread: the write blocks when the peer's window of TCP is full.
      Thread.ofVirtual().name("ping").start(() -> ping(peer));
      long deadline = asked + keepaliveTimeout.toNanos();
      while (open && heardNanos - asked < 0 && System.nanoTime() - deadline < 0) {
        LockSupport.parkNanos(Math.min(keepaliveTimeout.toNanos(), 100_000_000));
      }
      if (open && heardNanos - asked < 0) {
        log.info("{}: silent, closing the connection", connection);
        connection.close(true);
        return;
      }
    }
  }

  private static void ping(Http2StreamWriter peer) {
    try {
      peer.write(Http2Ping.create().toFrameData());
    } catch (UncheckedIOException | CloseConnectionException e) {
      log.debug("the ping could not be written", e);
    }
  }
}
