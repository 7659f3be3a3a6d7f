package io.athena.procedures.sandbox;

import io.grpc.Context;
import java.io.Closeable;

/**
 * Interrupts the thread that serves a call when the caller goes away, or the call's deadline is
 * over, and never once it is closed.
 */
final class CallerWatch implements Closeable {
  private final Context context = Context.current();
  private final Thread served = Thread.currentThread();
  private final Context.CancellationListener listener = gone -> interrupt();
  private boolean closed;

  private CallerWatch() {}

  /** Watches the caller of the call that this thread serves; to be closed by this thread. */
  static CallerWatch begin() {
    CallerWatch watch = new CallerWatch();
    watch.context.addListener(watch.listener, Runnable::run);
    return watch;
  }

  private synchronized void interrupt() {
    if (!closed) {
      served.interrupt();
    }
  }

  @Override
  public void close() {
    context.removeListener(listener);
    synchronized (this) {
      closed = true;
    }
    // What came too late to stop the call is not meant for what this thread does next.
    if (context.isCancelled()) {
      Thread.interrupted();
    }
  }
}
