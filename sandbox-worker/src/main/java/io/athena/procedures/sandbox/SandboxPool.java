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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slots for runs: keeps some ready ahead of the runs, and replaces containers.
 *
 * <p>All state is under one lock, which is never held during input or output. One thread, the
 * keeper, opens slots and starts containers; so a run finds a slot that only waits for its program.
 */
final class SandboxPool implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SandboxPool.class);
  private static final Duration LONGEST_START = Duration.ofSeconds(40);

  private final PoolConfig config;
  private final ContainerSource source;
  private final ScheduledExecutorService timer;
  private final LiveContainers live = new LiveContainers();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Slot> ready = new ArrayDeque<>();
  private final Deque<Object> waiting = new ArrayDeque<>();
  private final Setbacks setbacks = new Setbacks();
  private final Thread keeper;
  private @Nullable Container current;
  private long currentSinceNanos;
  private int openedInCurrent;
  private int opening;
  private int runs;
  private boolean replacing;
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

  /** What a pool holds; {@code unavailable} is empty if slots can be had. */
  record Stock(int readySlots, int containers, String unavailable, String pythonVersion) {}

  SandboxPool(PoolConfig config, ContainerSource source, ScheduledExecutorService timer) {
    this.config = config;
    this.source = source;
    this.timer = timer;
    this.keeper = Thread.ofPlatform().daemon().name("sandbox-pool").start(this::keep);
  }

  /**
   * Refuses at once what could not run anyway.
   *
   * @throws IsolationUnavailableException if no container can be had
   */
  void requireUsable() throws SandboxException {
    lock.lock();
    try {
      refuseIfUnusable();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a ready slot, waiting for one if need be. It must be given to {@link #discard} at its
   * end.
   */
  Slot take(Duration longestWait) throws SandboxException, InterruptedException {
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
        refuseIfUnusable();
        if (left <= 0) {
          throw new PoolExhaustedException(
              "no slot could be made ready in time; try again in a moment");
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      waiting.remove(place);
      changed.signalAll();
      lock.unlock();
    }
  }

  /** Closes a slot: what may still run in it ends. */
  void discard(Slot slot) {
    slot.close();
    live.release(slot.container());
  }

  /** A run begins or has ended: while there are any, fewer slots are made ahead. */
  void countRuns(int change) {
    lock.lock();
    try {
      runs += change;
      changed.signalAll();
    } finally {
      lock.unlock();
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

  Stock stock() {
    lock.lock();
    try {
      return new Stock(ready.size(), live.count(), setbacks.reason(), pythonVersion);
    } finally {
      lock.unlock();
    }
  }

  /** Ends all containers, and so all that still runs in them. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ready.forEach(Slot::close);
      ready.clear();
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    live.closeAll();
    try {
      keeper.join(LONGEST_START);
      awaitReplacement();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A container that is just starting needs its files until it is seen to be unwanted. */
  private void awaitReplacement() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = LONGEST_START.toNanos();
      while (replacing && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void refuseIfUnusable() throws SandboxException {
    if (closed) {
      throw new WorkerDrainingException();
    }
    if (current == null && !setbacks.reason().isEmpty()) {
      throw new IsolationUnavailableException(setbacks.reason());
    }
  }

  // The keeper's part.

  private enum Work {
    START_CONTAINER,
    OPEN_SLOT,
    END
  }

  private void keep() {
    try {
      while (true) {
        switch (awaitWork()) {
          case START_CONTAINER -> startContainer();
          case OPEN_SLOT -> openSlot();
          case END -> {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Work awaitWork() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return Work.END;
        }
        if (current == null && !replacing && setbacks.mayTryAgain()) {
          return Work.START_CONTAINER;
        }
        if (current != null && !replacing && isWorn()) {
          replaceInBackground();
        }
        if (current != null && ready.size() + opening < wantedStock()) {
          opening++;
          return Work.OPEN_SLOT;
        }
        // Woken by every change; the time is only for what changes by itself, age and the pause
        // after a failure.
        long nanos =
            current == null || replacing ? setbacks.pauseNanos() : Math.max(1, ageLeftNanos());
        var _ = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Making a slot takes a fork server's time from the runs under way, so they come first. */
  private int wantedStock() {
    return runs == 0 ? config.readySlots() : (config.readySlots() + 1) / 2;
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
    Thread.ofPlatform().daemon().name("sandbox-replace").start(this::startContainer);
  }

  private void startContainer() {
    Container started = null;
    String failure = "";
    try {
      started = source.start();
    } catch (IOException | RuntimeException e) {
      // Whatever it was, the keeper must go on, and the reason be told to those who wait.
      failure = String.valueOf(e.getMessage());
      log.warn("no container could be started: {}", failure);
    }
    if (!settle(started, failure) && started != null) {
      started.close();
    }
    lock.lock();
    try {
      replacing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** False if the container is not wanted any more. */
  private boolean settle(@Nullable Container started, String failure) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      currentSinceNanos = System.nanoTime();
      openedInCurrent = 0;
      if (started == null) {
        // A worn container, if there is one, is still a sound one and begins another life.
        setbacks.containerFailed(failure);
        return true;
      }
      retireCurrent();
      adopt(started);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void adopt(Container started) {
    current = started;
    setbacks.containerStarted();
    pythonVersion = started.pythonVersion();
    // Its first user is this field: released when it retires.
    live.retain(started);
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
    // Elsewhere, because the last user waits for the container's end.
    Thread.ofVirtual()
        .start(() -> {
          unused.forEach(this::discard);
          live.release(retired);
        });
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
      live.retain(container);
    } finally {
      lock.unlock();
    }
    try {
      Slot slot = container.connectSlot();
      // It isolates itself meanwhile; the next one can be opened.
      Thread.ofVirtual().start(() -> finishOpening(slot));
    } catch (IOException e) {
      fail(container, "no slot could be opened: " + e.getMessage());
      live.release(container);
    }
  }

  private void finishOpening(Slot slot) {
    try {
      slot.awaitReady(timer);
    } catch (IOException e) {
      discard(slot);
      fail(slot.container(), String.valueOf(e.getMessage()));
      return;
    }
    boolean wanted;
    lock.lock();
    try {
      opening--;
      wanted = !closed && slot.container().equals(current);
      if (wanted) {
        ready.addLast(slot);
        setbacks.slotReady();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!wanted) {
      discard(slot);
    }
  }

  private void fail(Container container, String failure) {
    lock.lock();
    try {
      opening--;
      // Of a container that has retired meanwhile nothing else is to be expected.
      if (container.equals(current)) {
        setbacks.slotFailed(failure);
      }
    } finally {
      lock.unlock();
    }
    condemn(container, failure);
  }
}
