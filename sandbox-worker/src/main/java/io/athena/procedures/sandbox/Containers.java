package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of one pool: the current one, in which slots are made, and retired ones, which end
 * with the last of their users.
 *
 * <p>One thread starts them: the first, one for another that was condemned or has ended, and the
 * successor of a worn one, which goes on serving until then. Thread-safe; the listener is called
 * without a lock.
 */
final class Containers implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);
  private static final Duration LONGEST_START = Duration.ofSeconds(40);

  private final PoolConfig config;
  private final Source source;
  private final Listener listener;
  private final LiveContainers live = new LiveContainers();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Setbacks setbacks = new Setbacks();
  private final Thread starter;
  private @Nullable Container current;
  private long sinceNanos;
  private int slots;
  private boolean closed;
  private String pythonVersion = "";

  /** Starts containers. */
  @FunctionalInterface
  interface Source {
    /**
     * A container with a ready fork server.
     *
     * @throws IOException telling why there is none and what mends it
     */
    Container start() throws IOException;
  }

  /** Hears of what changes. */
  interface Listener {
    /** Whether slots can be had may have changed. */
    void changed();

    /** Nothing new is to be started in that one. */
    void retired(Container container);
  }

  Containers(PoolConfig config, Source source, Listener listener) {
    this.config = config;
    this.source = source;
    this.listener = listener;
    this.starter = Thread.ofPlatform().daemon().name("sandbox-start").unstarted(this::keep);
  }

  /** Begins to start them. */
  void open() {
    starter.start();
  }

  /**
   * Refuses what could not run anyway.
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

  /** True if slots can be made now. */
  boolean isAvailable() {
    lock.lock();
    try {
      return current != null;
    } finally {
      lock.unlock();
    }
  }

  boolean isCurrent(Container container) {
    lock.lock();
    try {
      return container.equals(current);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The current one, with one more user, who makes a slot in it and must {@link #release} it; null
   * if there is none.
   */
  @Nullable Container retain() {
    lock.lock();
    try {
      return retainCurrent();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #retain}, waiting for it if need be. */
  Container retain(Duration longestWait) throws SandboxException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = longestWait.toNanos();
      while (true) {
        refuseIfUnusable();
        Container container = retainCurrent();
        if (container != null) {
          return container;
        }
        if (left <= 0) {
          throw PoolExhaustedException.noSlotInTime();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Container retainCurrent() {
    Container container = current;
    if (container != null) {
      slots++;
      live.retain(container);
      changed.signalAll(); // It may be worn now.
    }
    return container;
  }

  /** A user has gone; with the last one of a retired container it ends, which takes a while. */
  void release(Container container) {
    live.release(container);
  }

  /** A slot was made: so it can be done. */
  void slotReady() {
    lock.lock();
    try {
      setbacks.slotReady();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A slot could not be made in that one, which is condemned; after some in a row all runs are
   * refused.
   */
  void slotFailed(Container container, String reason) {
    lock.lock();
    try {
      // Of a container that has retired meanwhile nothing else is to be expected.
      if (container.equals(current)) {
        setbacks.slotFailed(reason);
      }
    } finally {
      lock.unlock();
    }
    condemn(container, reason);
  }

  /** A container showed a sign of damage: no new run goes there. */
  void condemn(Container container, String reason) {
    lock.lock();
    try {
      if (!container.equals(current)) {
        return;
      }
      log.warn("container {} is replaced: {}", container.id(), reason);
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    retire(container);
  }

  /** How many there are, retired ones among them. */
  int count() {
    return live.count();
  }

  /** Why none can be had; empty if one can. */
  String unavailable() {
    lock.lock();
    try {
      return setbacks.reason();
    } finally {
      lock.unlock();
    }
  }

  /** Of the interpreter in the latest one; empty before there is one. */
  String pythonVersion() {
    lock.lock();
    try {
      return pythonVersion;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all of them, and so all that still runs in them. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    live.closeAll();
    try {
      // One that is just starting needs its files until it is seen to be unwanted.
      starter.join(LONGEST_START);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  // The starter's part.

  private void keep() {
    try {
      while (awaitNeed()) {
        startOne();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False when none will be needed any more. */
  private boolean awaitNeed() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        if (current == null ? setbacks.mayTryAgain() : isWorn()) {
          return true;
        }
        // Woken by every change; the time is only for what changes by itself, age and the pause
        // after a failure.
        long nanos = current == null ? setbacks.pauseNanos() : Math.max(1, ageLeftNanos());
        var _ = changed.awaitNanos(nanos);
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isWorn() {
    return slots >= config.recycleAfterRuns() || ageLeftNanos() <= 0;
  }

  private long ageLeftNanos() {
    return config.recycleAfter().toNanos() - (System.nanoTime() - sinceNanos);
  }

  private void startOne() {
    Container started = null;
    String failure = "";
    try {
      started = source.start();
    } catch (IOException | RuntimeException e) {
      // Whatever it was, the next must be tried, and the reason be told to those who wait.
      failure = String.valueOf(e.getMessage());
      log.warn("no container could be started: {}", failure);
    }
    if (started == null) {
      failed(failure);
    } else {
      install(started);
    }
    listener.changed();
  }

  private void failed(String failure) {
    lock.lock();
    try {
      // A worn container, if there is one, is still a sound one and begins another life.
      beginLife();
      setbacks.containerFailed(failure);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void install(Container started) {
    @Nullable Container predecessor;
    boolean unwanted;
    lock.lock();
    try {
      unwanted = closed;
      predecessor = unwanted ? null : current;
      if (!unwanted) {
        serve(started);
      }
    } finally {
      lock.unlock();
    }
    if (unwanted) {
      started.close();
      return;
    }
    started.onEnd(() -> condemn(started, "it has ended"));
    if (predecessor != null) {
      retire(predecessor);
    }
  }

  /** Under the lock. */
  private void serve(Container started) {
    current = started;
    // Its first user is its place here: released when it retires.
    live.retain(started);
    pythonVersion = started.pythonVersion();
    beginLife();
    setbacks.containerStarted();
    changed.signalAll();
  }

  private void beginLife() {
    sinceNanos = System.nanoTime();
    slots = 0;
  }

  private void retire(Container container) {
    listener.retired(container);
    // Elsewhere, because the last user waits for the container's end.
    Thread.ofVirtual().start(() -> live.release(container));
  }
}
