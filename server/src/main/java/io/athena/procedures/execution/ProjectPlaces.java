package io.athena.procedures.execution;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many runs each project has at a time on this server, so that none takes the workers
 * for itself. Callers wait in the order of coming, so many and so long at most. Thread-safe.
 */
final class ProjectPlaces {
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** How soon a caller that left gives up its turn. */
  private static final long LOOK_AROUND_NANOS = Duration.ofMillis(200).toNanos();

  private final ExecutionSettings.Sharing.Places limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Project> projects = new HashMap<>();

  /** A project that has runs or callers that wait; guarded by the lock. */
  private static final class Project {
    private final Condition changed;
    private final Deque<Object> waiting = new ArrayDeque<>();
    private int running;

    Project(Condition changed) {
      this.changed = changed;
    }
  }

  ProjectPlaces(ExecutionSettings.Sharing.Places limits) {
    this.limits = limits;
  }

  /**
   * Takes a place, waiting for one if need be. Each must be given back.
   *
   * @throws OverloadedException if too many wait, or none became free in time
   */
  void take(String project) throws InterruptedException {
    if (limits.most() == 0) {
      return;
    }
    lock.lockInterruptibly();
    try {
      Project taken = of(project);
      if (taken.running >= limits.most() || !taken.waiting.isEmpty()) {
        queue(project, taken);
      }
      taken.running++;
      projects.put(project, taken); // It may have been forgotten while this caller woke.
    } finally {
      lock.unlock();
    }
  }

  private void queue(String project, Project busy) throws InterruptedException {
    if (busy.waiting.size() >= limits.mostWaiting()) {
      throw overloaded(project, busy, "and %d more wait".formatted(busy.waiting.size()));
    }
    Object place = new Object();
    busy.waiting.addLast(place);
    try {
      long left = limits.longestWait().toNanos();
      while (busy.running >= limits.most() || !place.equals(busy.waiting.peekFirst())) {
        if (Context.current().isCancelled()) {
          throw new UnavailableException(
              "CALLER_GONE", "the caller went away while its run waited", Map.of());
        }
        if (left <= 0) {
          throw overloaded(
              project,
              busy,
              "and none ended within %d s".formatted(limits.longestWait().toSeconds()));
        }
        long step = Math.min(left, LOOK_AROUND_NANOS);
        left -= step - Math.max(0, busy.changed.awaitNanos(step));
      }
    } finally {
      busy.waiting.remove(place);
      busy.changed.signalAll();
      forget(project, busy);
    }
  }

  /** Takes a place if one is free; false if not. */
  boolean tryTake(String project) {
    if (limits.most() == 0) {
      return true;
    }
    lock.lock();
    try {
      Project taken = of(project);
      boolean free = taken.running < limits.most();
      if (free) {
        taken.running++;
      }
      return free;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a place back. */
  void release(String project) {
    if (limits.most() == 0) {
      return;
    }
    lock.lock();
    try {
      @Nullable Project known = projects.get(project);
      if (known != null) {
        known.running--;
        known.changed.signalAll();
        forget(project, known);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The projects that have all the runs they may have. */
  List<String> full() {
    lock.lock();
    try {
      return projects.entrySet().stream()
          .filter(each -> each.getValue().running >= limits.most())
          .map(Map.Entry::getKey)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private Project of(String project) {
    return projects.computeIfAbsent(project, _ -> new Project(lock.newCondition()));
  }

  private void forget(String project, Project known) {
    if (known.running == 0 && known.waiting.isEmpty()) {
      projects.remove(project, known);
    }
  }

  private OverloadedException overloaded(String project, Project busy, String why) {
    return new OverloadedException(
        "PROJECT_BUSY",
        "project '%s' has %d runs under way on this server, the most it may have, %s; try again in a moment"
            .formatted(project, busy.running, why),
        RETRY);
  }
}
