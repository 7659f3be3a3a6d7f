package io.athena.procedures.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Latencies of one case over all rounds, and the time its rounds took.
 *
 * <p>Percentiles are nearest-rank: the smallest latency that at least that share does not exceed.
 * Not thread-safe.
 */
final class Series {
  private final List<Long> nanos = new ArrayList<>();
  private long elapsedNanos;

  /**
   * Adds a round: its latencies, and the wall-clock time from its first start to its last end, in
   * nanoseconds.
   */
  void addRound(List<Long> latencies, long elapsed) {
    nanos.addAll(latencies);
    Collections.sort(nanos);
    elapsedNanos += elapsed;
  }

  int count() {
    return nanos.size();
  }

  /** In milliseconds; {@code share} is above 0.0 and at most 1.0. */
  double percentileMillis(double share) {
    if (nanos.isEmpty()) {
      throw new IllegalStateException("a series without a round has no percentile");
    }
    int rank = (int) Math.ceil(share * nanos.size());
    return nanos.get(Math.max(rank, 1) - 1) / 1e6;
  }

  /** Runs a second, over all rounds. */
  double perSecond() {
    return elapsedNanos == 0 ? 0 : nanos.size() * 1e9 / elapsedNanos;
  }
}
