package io.athena.procedures.sandbox;

import java.time.Duration;

/**
 * What went wrong lately in making containers and slots: whether runs must be refused for it, and
 * when to try again. Not thread-safe: guarded by the lock of {@link Containers}.
 */
final class Setbacks {
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** One slot that cannot be made may be its container's fault; so many in a row are the host's. */
  private static final int SLOTS_IN_A_ROW = 3;

  private int slots;
  private int containers;
  private long sinceNanos;
  private String reason = "";

  /** Why nothing can be run; empty if nothing is wrong. */
  String reason() {
    return reason;
  }

  void containerFailed(String why) {
    containers++;
    refuse(why);
  }

  void containerStarted() {
    containers = 0;
    if (slots < SLOTS_IN_A_ROW) {
      reason = "";
    }
  }

  void slotFailed(String why) {
    slots++;
    if (slots >= SLOTS_IN_A_ROW) {
      refuse(why);
    }
  }

  void slotReady() {
    slots = 0;
    reason = "";
  }

  boolean mayTryAgain() {
    return reason.isEmpty() || System.nanoTime() - sinceNanos >= pauseNanos();
  }

  /** Doubled with each failure in a row: an idle worker on an unfit host must not keep it busy. */
  long pauseNanos() {
    long pause =
        SHORTEST_PAUSE.toNanos() << Math.clamp(Math.max(containers, slots - SLOTS_IN_A_ROW), 0, 10);
    return Math.min(pause, LONGEST_PAUSE.toNanos());
  }

  private void refuse(String why) {
    reason = why;
    sinceNanos = System.nanoTime();
  }
}
