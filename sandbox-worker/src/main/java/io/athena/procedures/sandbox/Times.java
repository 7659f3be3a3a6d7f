package io.athena.procedures.sandbox;

import com.google.protobuf.Duration;

/** Protobuf's durations. */
final class Times {
  private static final long NANOS = 1_000_000_000L;
  private static final long MICROS = 1_000_000L;

  private Times() {}

  static Duration fromNanos(long nanos) {
    return Duration.newBuilder().setSeconds(nanos / NANOS).setNanos((int) (nanos % NANOS)).build();
  }

  static Duration fromMicros(long micros) {
    return fromNanos(micros / MICROS * NANOS + micros % MICROS * 1000);
  }

  /**
   * The duration in nanoseconds.
   *
   * @throws ArithmeticException if it is longer than 292 years or its parts differ in sign
   */
  static long toNanos(Duration duration) {
    if (Long.signum(duration.getSeconds()) * Integer.signum(duration.getNanos()) < 0
        || Math.abs((long) duration.getNanos()) >= NANOS) {
      throw new ArithmeticException("seconds and nanos do not fit together");
    }
    return Math.addExact(Math.multiplyExact(duration.getSeconds(), NANOS), duration.getNanos());
  }
}
