package io.athena.procedures.sandbox;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bounds how many runs are under way and how many wait for one of them to end. Thread-safe. */
final class RunAdmission {
  private final PoolConfig config;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition changed = lock.newCondition();
  private int running;
  private int queued;
  private long completed;
  private boolean draining;

  /** How many runs there are. */
  record Counts(int running, int queued, long completed) {}

  RunAdmission(PoolConfig config) {
    this.config = config;
  }

  /**
   * Admits a run, waiting for its turn if need be. Each one admitted must be released.
   *
   * @throws PoolExhaustedException if the queue is full or the wait too long
   * @throws WorkerDrainingException if the worker is ending
   */
  void admit(Duration longestWait) throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      if (draining) {
        throw new WorkerDrainingException();
      }
      if (running >= config.maxConcurrentRuns() || queued > 0) {
        queue(longestWait);
      }
      running++;
      if (queued > 0 && running < config.maxConcurrentRuns()) {
        // Who came while this one was waking queued behind it, and nobody else would tell.
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void queue(Duration longestWait) throws SandboxException, InterruptedException {
    if (queued >= config.maxQueuedRuns()) {
      throw new PoolExhaustedException(
          "%d programs run and %d wait, which is the most this worker takes; try again in a moment"
              .formatted(running, queued));
    }
    long left = Math.min(longestWait.toNanos(), config.queueTimeout().toNanos());
    queued++;
    try {
      do {
        if (left <= 0) {
          throw new PoolExhaustedException(
              "no slot became free in time: %d programs run; try again in a moment"
                  .formatted(running));
        }
        left = changed.awaitNanos(left);
        if (draining) {
          throw new WorkerDrainingException();
        }
      } while (running >= config.maxConcurrentRuns());
    } finally {
      queued--;
    }
  }

  /** Gives back what {@link #admit} gave. */
  void release() {
    lock.lock();
    try {
      running--;
      completed++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Counts counts() {
    lock.lock();
    try {
      return new Counts(running, queued, completed);
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new runs from now on. */
  void drain() {
    lock.lock();
    try {
      draining = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no run is under way, for at most this long; false if some still are. */
  boolean awaitIdle(Duration longest) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = longest.toNanos();
      while (running > 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
