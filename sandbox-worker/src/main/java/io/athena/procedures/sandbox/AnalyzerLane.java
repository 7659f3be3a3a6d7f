package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Seats for sources of a kind, and the slots that are kept for them. Slots that nobody needed for a
 * while are given back, so that they keep no old container alive. Thread-safe.
 */
final class AnalyzerLane implements Closeable {
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final SandboxPool pool;
  private final ScheduledExecutorService timer;
  private final RunLimits limits;
  private final Semaphore seats;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<AnalysisSlot> idle = new ArrayDeque<>();
  private boolean watching;
  private boolean closed;

  /**
   * @param seats how many sources are examined at a time
   * @param limits of each of its slots
   */
  AnalyzerLane(SandboxPool pool, ScheduledExecutorService timer, int seats, RunLimits limits) {
    this.pool = pool;
    this.timer = timer;
    this.seats = new Semaphore(seats, true);
    this.limits = limits;
  }

  RunLimits limits() {
    return limits;
  }

  /** Waits for a seat, in the order of coming; false if there was none in time. */
  boolean takeSeat(Duration longest) throws InterruptedException {
    return seats.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  void giveSeatBack() {
    seats.release();
  }

  /** The slot that was kept last; null if there is none. */
  @Nullable AnalysisSlot takeIdle() {
    lock.lock();
    try {
      return idle.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Keeps a sound slot for the next source. */
  void keep(AnalysisSlot slot) {
    lock.lock();
    try {
      if (!closed) {
        slot.rest();
        idle.addFirst(slot);
        watchIdle();
        return;
      }
    } finally {
      lock.unlock();
    }
    pool.discard(slot.slot());
  }

  /** Under the lock. One alarm at most is set, for the slot that rests longest. */
  private void watchIdle() {
    AnalysisSlot longest = idle.peekLast();
    if (watching || longest == null) {
      return;
    }
    watching = true;
    long left = IDLE.toNanos() - longest.restedNanos();
    var _ = timer.schedule(this::giveBackIdle, Math.max(left, 0), TimeUnit.NANOSECONDS);
  }

  private void giveBackIdle() {
    List<AnalysisSlot> unneeded = new ArrayList<>();
    lock.lock();
    try {
      watching = false;
      while (!idle.isEmpty() && idle.getLast().restedNanos() >= IDLE.toNanos()) {
        unneeded.add(idle.removeLast());
      }
      watchIdle();
    } finally {
      lock.unlock();
    }
    // Apart from the timer's thread: with its last slot a container ends, which takes a while.
    unneeded.forEach(slot -> Thread.ofVirtual().start(() -> pool.discard(slot.slot())));
  }

  @Override
  public void close() {
    List<AnalysisSlot> kept;
    lock.lock();
    try {
      closed = true;
      kept = List.copyOf(idle);
      idle.clear();
    } finally {
      lock.unlock();
    }
    // Without the lock: with its last slot a container ends, which takes a while.
    kept.forEach(slot -> pool.discard(slot.slot()));
  }
}
