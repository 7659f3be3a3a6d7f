package io.athena.procedures.sandbox;

import java.time.Duration;

/**
 * Sizes of the pool.
 *
 * @param maxConcurrentRuns runs at a time, from 1 to 256
 * @param readySlots slots kept isolated and connected, from 1 to 64: as many runs can start within
 *     a millisecond
 * @param maxQueuedRuns calls that may wait for a run to end, from 0; the next is refused
 * @param queueTimeout longest wait of a queued call
 * @param recycleAfterRuns runs after which a container is replaced, from 1
 * @param recycleAfter age at which a container is replaced
 */
public record PoolConfig(
    int maxConcurrentRuns,
    int readySlots,
    int maxQueuedRuns,
    Duration queueTimeout,
    int recycleAfterRuns,
    Duration recycleAfter) {

  /** Checks the ranges. */
  public PoolConfig {
    require(
        maxConcurrentRuns >= 1 && maxConcurrentRuns <= 256,
        "maxConcurrentRuns must be from 1 to 256");
    require(readySlots >= 1 && readySlots <= 64, "readySlots must be from 1 to 64");
    require(maxQueuedRuns >= 0, "maxQueuedRuns must not be negative");
    require(recycleAfterRuns >= 1, "recycleAfterRuns must be at least 1");
  }

  /** Sizes for one machine. */
  public static PoolConfig defaults() {
    int processors = Runtime.getRuntime().availableProcessors();
    return new PoolConfig(
        Math.max(16, 4 * processors),
        Math.max(8, 8 * processors),
        256,
        Duration.ofSeconds(30),
        2000,
        Duration.ofHours(1));
  }

  /** The same with another number of runs at a time. */
  public PoolConfig withMaxConcurrentRuns(int value) {
    return new PoolConfig(
        value, readySlots, maxQueuedRuns, queueTimeout, recycleAfterRuns, recycleAfter);
  }

  /** The same with another number of ready slots. */
  public PoolConfig withReadySlots(int value) {
    return new PoolConfig(
        maxConcurrentRuns, value, maxQueuedRuns, queueTimeout, recycleAfterRuns, recycleAfter);
  }

  /** The same with another queue. */
  public PoolConfig withQueue(int runs, Duration timeout) {
    return new PoolConfig(
        maxConcurrentRuns, readySlots, runs, timeout, recycleAfterRuns, recycleAfter);
  }

  /** The same with another life of a container. */
  public PoolConfig withRecycling(int runs, Duration age) {
    return new PoolConfig(maxConcurrentRuns, readySlots, maxQueuedRuns, queueTimeout, runs, age);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
