package io.athena.procedures.git.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread that made it when it waits too long for its client, or takes too long
 * altogether. An interrupt closes the socket that a virtual thread waits for: nothing else ends a
 * write to a client that does not read.
 */
final class Watch implements AutoCloseable {
  private static final long NOT_WAITING = Long.MAX_VALUE;

  private final Thread watched = Thread.currentThread();
  private final long stallNanos;
  private final long end;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();

  /** Of System.nanoTime; when the client will have stalled. */
  private volatile long stallsAt = NOT_WAITING;

  private @Nullable String verdict;
  private boolean closed;

  Watch(Duration stallTimeout, Duration limit) {
    this.stallNanos = stallTimeout.toNanos();
    this.end = System.nanoTime() + limit.toNanos();
    Thread.ofVirtual().name("git-watch").start(this::watch);
  }

  /** The time that the client takes is limited from now on, until it is there. */
  void awaitClient() {
    stallsAt = System.nanoTime() + stallNanos;
  }

  /** The client is there. */
  void clientCame() {
    stallsAt = NOT_WAITING;
  }

  /** Why the thread was interrupted; null if it was not. */
  @Nullable String verdict() {
    lock.lock();
    try {
      return verdict;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the watch, and takes back an interrupt that came too late to do anything. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
      if (verdict != null) {
        boolean _ = Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }

  private void watch() {
    lock.lock();
    try {
      while (!closed) {
        long now = System.nanoTime();
        long stall = stallsAt;
        if (stall != NOT_WAITING && now - stall >= 0) {
          interrupt("the client neither sent nor read for " + seconds(stallNanos));
        } else if (now - end >= 0) {
          interrupt("the answer took too long");
        } else {
          // A wait that begins after this look is seen at the next one, which is soon enough.
          long next = Math.min(stallNanos, stall == NOT_WAITING ? Long.MAX_VALUE : stall - now);
          closing.awaitNanos(Math.max(1, Math.min(next, end - now)));
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody knows the watching thread to interrupt it", e);
    } finally {
      lock.unlock();
    }
  }

  private void interrupt(String reason) {
    verdict = reason;
    watched.interrupt();
    closed = true;
  }

  private static String seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
  }
}
