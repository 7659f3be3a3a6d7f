package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Follows an execution in the database: one that has ended, that waits, or that another server
 * runs. As soon as this server runs it, goes on in memory.
 *
 * <p>It polls, because a notification of each batch of events would make all commits of the
 * database wait for one another; what it shows is at most about {@link #LONGEST_PAUSE_MILLIS} late.
 */
final class StoredReader implements EventReader {
  private static final long SHORTEST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 400;

  private final UUID executionId;
  private final EventStore store;
  private final LongFunction<@Nullable LiveReader> live;
  private final Deque<ExecutionEvent> found = new ArrayDeque<>();
  private long after;
  private boolean ended;
  private @Nullable LiveReader successor;

  /**
   * @param live gives a reader after a sequence if this server runs the execution now
   */
  StoredReader(
      UUID executionId,
      EventStore store,
      long afterSequence,
      LongFunction<@Nullable LiveReader> live) {
    this.executionId = executionId;
    this.store = store;
    this.after = afterSequence;
    this.live = live;
  }

  @Override
  public @Nullable ExecutionEvent next(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = SHORTEST_PAUSE_MILLIS;
    while (successor == null && found.isEmpty() && !ended) {
      successor = live.apply(after);
      if (successor != null || fetch()) {
        break;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return null;
      }
      Thread.sleep(Math.clamp(left, 1, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
    ExecutionEvent event = found.poll();
    if (event != null) {
      after = event.getSequence();
      ended |= event.hasCompleted();
      return event;
    }
    return successor == null ? null : successor.next(patience);
  }

  /** True if there was something, or nothing more will come. */
  private boolean fetch() {
    // The order matters: what is completed before its events are read has all of them stored.
    @Nullable ExecutionEvent completed = store.completion(executionId);
    List<ExecutionEvent> events = store.read(executionId, after);
    found.addAll(events);
    if (events.isEmpty() && completed != null) {
      if (after == completed.getSequence()) {
        ended = true;
      } else {
        // Also for a caller who saw events that a crash took back: it lacks how the run ended.
        found.add(completed);
      }
    }
    return ended || !found.isEmpty();
  }

  @Override
  public boolean ended() {
    return successor == null ? ended && found.isEmpty() : successor.ended();
  }
}
