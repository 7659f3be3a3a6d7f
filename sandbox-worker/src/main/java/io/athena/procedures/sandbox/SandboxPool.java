package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Slots for runs: keeps some with the usual limits ready ahead of the runs, and makes those with
 * others when they are asked for.
 *
 * <p>Making a slot takes the kernel milliseconds on a processor that runs and their callers need,
 * too. So half of the stock serves as a buffer: while there are runs, and shortly after, when their
 * callers are being told, only what lies below it is made.
 *
 * <p>All state is under one lock, which is never held during input or output. One thread, the
 * keeper, opens slots; so a run finds a slot that only waits for its program.
 */
final class SandboxPool implements Closeable, Containers.Listener {
  /** Those of the slots that are ready. */
  private static final SlotLimits USUAL_LIMITS = RunLimits.USUAL.ofSlot();

  /** How long after a run its caller will have been told. */
  private static final Duration TELLING = Duration.ofMillis(3);

  private final PoolConfig config;
  private final ScheduledExecutorService timer;
  private final Containers containers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Slot> ready = new ArrayDeque<>();
  private final Deque<Object> waiting = new ArrayDeque<>();
  private final Thread keeper;
  private int opening;
  private int runs;
  private long lastEndNanos = System.nanoTime();
  private boolean closed;

  /** What a pool holds; {@code unavailable} is empty if slots can be had. */
  record Stock(int readySlots, int containers, String unavailable, String pythonVersion) {}

  private SandboxPool(PoolConfig config, Containers.Source source, ScheduledExecutorService timer) {
    this.config = config;
    this.timer = timer;
    this.containers = new Containers(config, source, this);
    this.keeper = Thread.ofPlatform().daemon().name("sandbox-pool").unstarted(this::keep);
  }

  /** A pool that fills itself. */
  static SandboxPool open(
      PoolConfig config, Containers.Source source, ScheduledExecutorService timer) {
    SandboxPool pool = new SandboxPool(config, source, timer);
    pool.containers.open();
    pool.keeper.start();
    return pool;
  }

  /**
   * Refuses at once what could not run anyway.
   *
   * @throws IsolationUnavailableException if no container can be had
   */
  void requireUsable() throws SandboxException {
    containers.requireUsable();
  }

  /**
   * Takes a slot with these limits: a ready one, waiting for it if need be, or one that is made
   * now. It must be given to {@link #discard}.
   */
  Slot take(SlotLimits limits, Duration longestWait) throws SandboxException, InterruptedException {
    return limits.equals(USUAL_LIMITS) ? takeReady(longestWait) : make(limits, longestWait);
  }

  private Slot takeReady(Duration longestWait) throws SandboxException, InterruptedException {
    Object place = new Object();
    lock.lockInterruptibly();
    try {
      // In the order of coming: without a queue, whoever comes at the right moment overtakes the
      // rest.
      waiting.addLast(place);
      long left = longestWait.toNanos();
      while (true) {
        Slot slot = place.equals(waiting.peekFirst()) ? ready.pollFirst() : null;
        if (slot != null) {
          return slot;
        }
        if (closed) {
          throw new WorkerDrainingException();
        }
        containers.requireUsable();
        if (left <= 0) {
          throw PoolExhaustedException.noSlotInTime();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      waiting.remove(place);
      changed.signalAll();
      lock.unlock();
    }
  }

  private Slot make(SlotLimits limits, Duration longestWait)
      throws SandboxException, InterruptedException {
    long deadline = System.nanoTime() + longestWait.toNanos();
    while (true) {
      Container container = containers.retain(Duration.ofNanos(deadline - System.nanoTime()));
      try {
        return container.makeSlot(limits, timer);
      } catch (ClosedByInterruptException e) {
        containers.release(container);
        Thread.interrupted();
        throw new InterruptedException("the caller has left before a slot was made");
      } catch (Slot.RefusedException e) {
        containers.condemn(container, String.valueOf(e.getMessage()));
        containers.release(container);
        throw new IsolationUnavailableException(e.getMessage() + "; nothing was run");
      } catch (IOException e) {
        // Its successor is tried, with a pause if this happens again and again.
        containers.slotFailed(container, String.valueOf(e.getMessage()));
        containers.release(container);
      }
    }
  }

  /** Closes a slot: what may still run in it ends. */
  void discard(Slot slot) {
    slot.close();
    containers.release(slot.container());
  }

  /** A run begins. */
  void enter() {
    lock.lock();
    try {
      runs++;
    } finally {
      lock.unlock();
    }
  }

  /** It has ended. */
  void leave() {
    lock.lock();
    try {
      runs--;
      lastEndNanos = System.nanoTime();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A container showed a sign of damage: no new run goes there. */
  void condemn(Container container, String reason) {
    containers.condemn(container, reason);
  }

  Stock stock() {
    return new Stock(
        readySlots(), containers.count(), containers.unavailable(), containers.pythonVersion());
  }

  private int readySlots() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void retired(Container container) {
    List<Slot> unused;
    lock.lock();
    try {
      unused = ready.stream().filter(slot -> slot.container().equals(container)).toList();
      ready.removeAll(unused);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    // Elsewhere, because the last user waits for the container's end.
    Thread.ofVirtual().start(() -> unused.forEach(this::discard));
  }

  /** Ends all containers, and so all that still runs in them. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ready.forEach(Slot::close);
      ready.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    containers.close();
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The keeper's part.

  private void keep() {
    try {
      while (awaitNeed()) {
        openSlot();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts one more slot as opening when it is needed; false when none will be any more. */
  private boolean awaitNeed() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        int buffer = untilCalmNanos() <= 0 ? 0 : config.readySlots() / 2;
        if (ready.size() + opening < config.readySlots() - buffer && containers.isAvailable()) {
          opening++;
          return true;
        }
        if (runs == 0 && buffer > 0) {
          var _ = changed.awaitNanos(untilCalmNanos());
        } else {
          changed.await();
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private long untilCalmNanos() {
    return runs > 0 ? Long.MAX_VALUE : lastEndNanos + TELLING.toNanos() - System.nanoTime();
  }

  private void openSlot() {
    Container container = containers.retain();
    if (container == null) {
      opened();
      return;
    }
    try {
      Slot slot = container.connectSlot(USUAL_LIMITS);
      // It isolates itself meanwhile; the next one can be opened.
      Thread.ofVirtual().start(() -> finishOpening(slot));
    } catch (IOException e) {
      opened();
      containers.slotFailed(container, "no slot could be opened: " + e.getMessage());
      containers.release(container);
    }
  }

  private void finishOpening(Slot slot) {
    try {
      slot.awaitReady(timer);
    } catch (IOException e) {
      opened();
      discard(slot);
      containers.slotFailed(slot.container(), String.valueOf(e.getMessage()));
      return;
    }
    containers.slotReady();
    boolean wanted;
    lock.lock();
    try {
      opening--;
      // If it retires just now, that takes the slot away again.
      wanted = !closed && containers.isCurrent(slot.container());
      if (wanted) {
        ready.addLast(slot);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!wanted) {
      discard(slot);
    }
  }

  private void opened() {
    lock.lock();
    try {
      opening--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
