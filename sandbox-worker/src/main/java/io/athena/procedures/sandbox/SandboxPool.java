package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots for runs: admits a bounded number of runs, keeps some slots ready ahead of them, and
 * replaces containers.
 *
 * <p>All state is under one lock, which is never held during input or output. One thread, the
 * keeper, opens slots and starts containers; so a run finds a slot that only waits for its program.
 */
final class SandboxPool implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SandboxPool.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

  private final PoolConfig config;
  private final ContainerSource source;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Slot> ready = new ArrayDeque<>();
  private final Map<Container, Integer> live = new HashMap<>();
  private final Thread keeper;
  private @Nullable Container current;
  private long currentSinceNanos;
  private int openedInCurrent;
  private boolean replacing;
  private int opening;
  private int running;
  private int queued;
  private long completed;
  private long failedAtNanos;
  private @Nullable String unavailable;
  private boolean draining;
  private boolean closed;
  private String pythonVersion = "";

  /** Starts containers. */
  @FunctionalInterface
  interface ContainerSource {
    /**
     * A container with a ready fork server.
     *
     * @throws IOException telling why there is none and what mends it
     */
    Container start() throws IOException;
  }

  /** What a pool is doing. */
  record Load(
      int running,
      int queued,
      int readySlots,
      int containers,
      long completed,
      String unavailable,
      String pythonVersion) {}

  SandboxPool(PoolConfig config, ContainerSource source) {
    this.config = config;
    this.source = source;
    this.keeper = Thread.ofPlatform().daemon().name("sandbox-pool").start(this::keep);
  }

  /**
   * Admits a run and waits for its turn. Every permit must be released.
   *
   * @throws PoolExhaustedException if the queue is full or the wait too long
   */
  void admit(Duration longestWait) throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      refuseIfUnusable();
      if (running < config.maxConcurrentRuns() && queued == 0) {
        running++;
        return;
      }
      if (queued >= config.maxQueuedRuns()) {
        throw new PoolExhaustedException(
            "%d programs run and %d wait, which is the most this worker takes; try again in a moment"
                .formatted(running, queued));
      }
      queue(longestWait);
    } finally {
      lock.unlock();
    }
  }

  private void queue(Duration longestWait) throws SandboxException, InterruptedException {
    long left = Math.min(longestWait.toNanos(), config.queueTimeout().toNanos());
    queued++;
    try {
      while (running >= config.maxConcurrentRuns()) {
        refuseIfUnusable();
        if (left <= 0) {
          throw new PoolExhaustedException(
              "no slot became free in time: %d programs run".formatted(running));
        }
        left = changed.awaitNanos(left);
      }
      running++;
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

  /**
   * Takes a ready slot, waiting for one if need be. It must be given to {@link #discard} at its
   * end.
   */
  Slot take(Duration longestWait) throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = longestWait.toNanos();
      while (true) {
        Slot slot = ready.pollFirst();
        if (slot != null) {
          changed.signalAll();
          return slot;
        }
        refuseIfUnusable();
        if (left <= 0) {
          throw new PoolExhaustedException("no slot could be made ready in time");
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes a slot: what may still run in it ends. */
  void discard(Slot slot) {
    slot.close();
    Container container = slot.container();
    boolean last;
    lock.lock();
    try {
      last = forget(container);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (last) {
      close(container);
    }
  }

  /** A container showed a sign of damage: no new run goes there. */
  void condemn(Container container, String reason) {
    lock.lock();
    try {
      if (container.equals(current)) {
        log.warn("container {} is replaced: {}", container.id(), reason);
        retireCurrent();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  Load load() {
    lock.lock();
    try {
      int containers = live.size();
      return new Load(
          running,
          queued,
          ready.size(),
          containers,
          completed,
          unavailable == null ? "" : unavailable,
          pythonVersion);
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

  /** Ends all containers, and so all that still runs in them. */
  @Override
  public void close() {
    List<Container> containers;
    lock.lock();
    try {
      draining = true;
      closed = true;
      ready.forEach(Slot::close);
      ready.clear();
      containers = new ArrayList<>(live.keySet());
      live.clear();
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    containers.forEach(SandboxPool::close);
    try {
      keeper.join(Duration.ofSeconds(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void refuseIfUnusable() throws SandboxException {
    if (draining) {
      throw new WorkerDrainingException();
    }
    if (current == null && unavailable != null) {
      changed.signalAll(); // The keeper tries again, at most every few seconds.
      throw new IsolationUnavailableException(unavailable);
    }
  }

  // The keeper's part.

  private void keep() {
    while (true) {
      try {
        Work work = awaitWork();
        switch (work) {
          case START_CONTAINER -> startContainer();
          case OPEN_SLOT -> openSlot();
          case END -> {
            return;
          }
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private enum Work {
    START_CONTAINER,
    OPEN_SLOT,
    END
  }

  private Work awaitWork() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return Work.END;
        }
        if (!draining) {
          if (current == null && !replacing && mayTryAgain()) {
            return Work.START_CONTAINER;
          }
          if (current != null && !replacing && isWorn()) {
            replaceInBackground();
          }
          if (current != null && ready.size() + opening < config.readySlots()) {
            opening++;
            return Work.OPEN_SLOT;
          }
        }
        if (current == null) {
          var _ = changed.awaitNanos(PAUSE_AFTER_FAILURE.toNanos());
        } else {
          var _ = changed.awaitNanos(Math.max(1_000_000, ageLeftNanos()));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean mayTryAgain() {
    return unavailable == null
        || System.nanoTime() - failedAtNanos >= PAUSE_AFTER_FAILURE.toNanos();
  }

  private boolean isWorn() {
    return openedInCurrent >= config.recycleAfterRuns() || ageLeftNanos() <= 0;
  }

  private long ageLeftNanos() {
    return config.recycleAfter().toNanos() - (System.nanoTime() - currentSinceNanos);
  }

  /**
   * The worn container goes on serving until its successor is ready, so no run waits for a start.
   */
  private void replaceInBackground() {
    replacing = true;
    var _ = Thread.ofPlatform().daemon().name("sandbox-replace").start(this::startContainer);
  }

  private void startContainer() {
    Container started = null;
    String failure = "";
    try {
      started = source.start();
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
      log.warn("no container could be started: {}", failure);
    }
    boolean unwanted = false;
    lock.lock();
    try {
      replacing = false;
      if (started == null) {
        unavailable = failure;
        failedAtNanos = System.nanoTime();
        // A worn container is still a sound one.
        openedInCurrent = 0;
        currentSinceNanos = System.nanoTime();
      } else if (closed) {
        unwanted = true;
      } else {
        retireCurrent();
        adopt(started);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (unwanted && started != null) {
      close(started);
    }
  }

  private void adopt(Container started) {
    current = started;
    currentSinceNanos = System.nanoTime();
    openedInCurrent = 0;
    unavailable = null;
    pythonVersion = started.pythonVersion();
    // One for being current: it goes when the container retires.
    live.put(started, 1);
    started.onEnd(() -> condemn(started, "it has ended"));
  }

  private void retireCurrent() {
    Container retired = current;
    if (retired == null) {
      return;
    }
    current = null;
    List<Slot> unused = ready.stream().filter(slot -> slot.container().equals(retired)).toList();
    ready.removeAll(unused);
    Thread.ofVirtual()
        .start(() -> {
          unused.forEach(this::discard);
          boolean last;
          lock.lock();
          try {
            last = forget(retired);
          } finally {
            lock.unlock();
          }
          if (last) {
            close(retired);
          }
        });
  }

  /** True if nothing uses the container any more. */
  private boolean forget(Container container) {
    Integer users = live.get(container);
    if (users == null) {
      return false; // The pool was closed, and the container with it.
    }
    if (users > 1) {
      live.put(container, users - 1);
      return false;
    }
    live.remove(container);
    return true;
  }

  private void openSlot() {
    Container container;
    lock.lock();
    try {
      container = current;
      if (container == null) {
        opening--;
        return;
      }
      openedInCurrent++;
      live.merge(container, 1, Integer::sum);
    } finally {
      lock.unlock();
    }
    try {
      Slot slot = container.connectSlot();
      // It isolates itself meanwhile; the next one can be opened.
      var _ = Thread.ofVirtual().name("sandbox-slot").start(() -> finishOpening(slot));
    } catch (IOException e) {
      lock.lock();
      try {
        opening--;
        forget(container);
        unavailable = "no slot could be opened: " + e.getMessage();
        failedAtNanos = System.nanoTime();
      } finally {
        lock.unlock();
      }
      condemn(container, "no slot could be opened: " + e.getMessage());
    }
  }

  private void finishOpening(Slot slot) {
    String failure = null;
    try {
      slot.awaitReady();
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
    }
    boolean wanted = false;
    lock.lock();
    try {
      opening--;
      wanted = failure == null && !closed && slot.container().equals(current);
      if (wanted) {
        ready.addLast(slot);
      } else if (failure != null) {
        unavailable = failure;
        failedAtNanos = System.nanoTime();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!wanted) {
      discard(slot);
    }
    if (failure != null) {
      condemn(slot.container(), failure);
    }
  }

  private static void close(Container container) {
    container.close();
  }
}
