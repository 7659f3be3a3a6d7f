package io.athena.procedures.sandbox;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Does something when a time is over, unless it is dismissed before: one of both happens, never
 * both, so that what is dismissed cannot strike whoever comes next. Thread-safe.
 */
final class Alarm {
  private final AtomicReference<State> state = new AtomicReference<>(State.SET);
  private final ScheduledFuture<?> ringing;

  private enum State {
    SET,
    RUNG,
    DISMISSED
  }

  private Alarm(ScheduledExecutorService timer, Duration time, Runnable action) {
    this.ringing =
        timer.schedule(() -> ring(action), Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
  }

  static Alarm set(ScheduledExecutorService timer, Duration time, Runnable action) {
    return new Alarm(timer, time, action);
  }

  private void ring(Runnable action) {
    if (state.compareAndSet(State.SET, State.RUNG)) {
      action.run();
    }
  }

  /** False if it has rung; then what it does is done or being done. May be repeated. */
  boolean dismiss() {
    ringing.cancel(false);
    state.compareAndSet(State.SET, State.DISMISSED);
    return state.get() == State.DISMISSED;
  }
}
