package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
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
 * <p>Making a slot and taking one apart takes the kernel milliseconds on a processor that runs and
 * their callers need, too. So half of the stock serves as a buffer: while there are runs, and until
 * their callers have been told, only what lies below it is made, and slots that have ended are left
 * lying.
 *
 * <p>All state is under one lock, which is never held during input or output. One thread, the
 * keeper, opens and closes slots; so a run finds a slot that only waits for its program.
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
  private final Deque<Slot> ended = new ArrayDeque<>();
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
   * now. It must be given to {@link #discard} or {@link #putDown}.
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
      } catch (IOException e) {
        String reason = String.valueOf(e.getMessage());
        containers.condemn(container, reason);
        containers.release(container);
        if (e instanceof Slot.RefusedException) {
          throw new IsolationUnavailableException(reason + "; nothing was run");
        }
        // It has ended; its successor is tried.
      }
    }
  }

  /** Closes a slot: what may still run in it ends. */
  void discard(Slot slot) {
    slot.close();
    containers.release(slot.container());
  }

  /** Leaves a slot whose program has ended to be closed in a calm moment. */
  void putDown(Slot slot) {
    lock.lock();
    try {
      if (!closed) {
        ended.addLast(slot);
        changed.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    discard(slot);
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
      ended.forEach(Slot::close);
      ended.clear();
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
      while (true) {
        switch (awaitWork()) {
          case Work.Close(Slot slot) -> discard(slot);
          case Work.Open() -> openSlot();
          case Work.End() -> {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private sealed interface Work {
    /** Of what has ended. */
    record Close(Slot slot) implements Work {}

    /** Counted as opening already. */
    record Open() implements Work {}

    record End() implements Work {}
  }

  private Work awaitWork() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return new Work.End();
        }
        int buffer = untilCalmNanos() <= 0 ? 0 : config.readySlots() / 2;
        if (ready.size() + opening < config.readySlots() - buffer && containers.isAvailable()) {
          opening++;
          return new Work.Open();
        }
        if (ended.size() > buffer) {
          return new Work.Close(ended.removeFirst());
        }
        if (runs == 0 && buffer > 0) {
          var _ = changed.awaitNanos(untilCalmNanos());
        } else {
          changed.await();
        }
      }
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
