package io.athena.procedures.bench;

import java.util.Locale;

/**
 * What a measurement is held against.
 *
 * @param name what is measured, in words that need no table
 * @param measured the ratio or value
 * @param direction on which side of the bound it must be
 * @param bound the value that still is good enough
 * @param unit of both, such as MiB; empty for ratios
 */
record Bar(String name, double measured, Direction direction, double bound, String unit) {
  enum Direction {
    AT_MOST("at most"),
    AT_LEAST("at least");

    private final String words;

    Direction(String words) {
      this.words = words;
    }
  }

  static Bar atMost(String name, double measured, double bound, String unit) {
    return new Bar(name, measured, Direction.AT_MOST, bound, unit);
  }

  static Bar atLeast(String name, double measured, double bound, String unit) {
    return new Bar(name, measured, Direction.AT_LEAST, bound, unit);
  }

  boolean met() {
    return switch (direction) {
      case AT_MOST -> measured <= bound;
      case AT_LEAST -> measured >= bound;
    };
  }

  String forPeople() {
    return String.format(
        Locale.ROOT,
        "%-7s  %s: %.2f%s, %s %.2f%s",
        met() ? "met" : "NOT met",
        name,
        measured,
        withSpace(),
        direction.words,
        bound,
        withSpace());
  }

  private String withSpace() {
    return unit.isEmpty() ? "" : " " + unit;
  }
}
