package io.athena.procedures.validation;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets a project have so many pieces of code examined at a time, and its others wait in the order
 * of their coming: however many it sends, and however long each takes, other projects find a
 * parser. Thread-safe.
 */
final class ProjectShares {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final int most;
  private final Duration longestWait;
  private final Map<String, Share> shares = new ConcurrentHashMap<>();

  /** With how many of a project are under way at a time, and for how long others wait for it. */
  ProjectShares(int most, Duration longestWait) {
    this.most = most;
    this.longestWait = longestWait;
  }

  /** As befits this machine: half of the seats that a worker of its size has for small sources. */
  static ProjectShares ofThisMachine() {
    return new ProjectShares(
        Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 4, 32), Duration.ofSeconds(15));
  }

  /**
   * Does something as one of a project.
   *
   * @throws OverloadedException if too many of the project were before it for too long
   */
  <T> T within(String project, Supplier<T> examination) {
    Share share = enter(project);
    try {
      if (!share.places.tryAcquire(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new OverloadedException(
            "PROJECT_BUSY",
            "project '%s' has %d pieces of code under examination, as many as it may, and none ended within %d s; try again in a moment"
                .formatted(project, most, longestWait.toSeconds()),
            RETRY);
      }
      try {
        return examination.get();
      } finally {
        share.places.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(
          "CALL_INTERRUPTED", "the call was given up before its code was examined", Map.of());
    } finally {
      leave(project);
    }
  }

  private Share enter(String project) {
    return shares.compute(
        project,
        (_, share) -> {
          Share entered = share == null ? new Share(new Semaphore(most, true)) : share;
          entered.users++;
          return entered;
        });
  }

  private void leave(String project) {
    shares.computeIfPresent(project, (_, share) -> --share.users == 0 ? null : share);
  }

  /** Its count of users is guarded by the map. */
  private static final class Share {
    private final Semaphore places;
    private int users;

    private Share(Semaphore places) {
      this.places = places;
    }
  }
}
