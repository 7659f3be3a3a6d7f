package io.athena.procedures.bench;

import java.util.List;
import java.util.Map;

/**
 * What one turn of a case took, in nanoseconds.
 *
 * @param whole latency of each run
 * @param marks by name, in the order in which they are reached: the time from the beginning of each
 *     run until it, such as its first output; empty if only the end is seen
 * @param elapsed from the first start to the last end, without the making of what runs them
 */
record Timings(List<Long> whole, Map<String, List<Long>> marks, long elapsed) {
  static Timings of(List<Long> whole, long elapsed) {
    return new Timings(whole, Map.of(), elapsed);
  }
}
