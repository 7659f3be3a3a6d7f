package io.athena.procedures.execution;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A thread that works now and then until it is told to stop. It is never interrupted: an interrupt
 * while it talks to the database would cost the connection and what was just written.
 */
final class Background implements AutoCloseable {
  private final Semaphore wakeUps = new Semaphore(0);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean stopping;

  /** What is done each time. */
  interface Work {
    void run() throws InterruptedException;
  }

  /**
   * @param pause longest time between two times the work is done
   */
  Background(String name, Duration pause, Work work) {
    this.thread = Thread.ofVirtual().name(name).unstarted(() -> repeat(pause, work));
  }

  void start() {
    thread.start();
  }

  /** Has the work done soon. */
  void wake() {
    wakeUps.release();
  }

  boolean isStopping() {
    return stopping;
  }

  private void repeat(Duration pause, Work work) {
    try {
      while (!stopping) {
        wakeUps.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
        wakeUps.drainPermits();
        if (!stopping) {
          work.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  /** Returns when the work that is under way is done. */
  @Override
  public void close() {
    stopping = true;
    wake();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      ended.await();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
