package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Follows a run of this server in memory, and in the database where it has fallen behind. */
final class LiveReader implements EventReader {
  private final UUID executionId;
  private final RunLog log;
  private final EventStore store;
  private final RunLog.Cursor cursor;
  private final Deque<ExecutionEvent> found = new ArrayDeque<>();
  private boolean ended;

  LiveReader(UUID executionId, RunLog log, EventStore store, long afterSequence) {
    this.executionId = executionId;
    this.log = log;
    this.store = store;
    this.cursor = new RunLog.Cursor(afterSequence);
  }

  /** Makes the program go at this reader's pace. */
  void pace() {
    log.pace(cursor);
  }

  @Override
  public @Nullable ExecutionEvent next(Duration patience) throws InterruptedException {
    while (found.isEmpty() && !ended) {
      switch (log.read(cursor, patience)) {
        case RunLog.Found.Events(List<ExecutionEvent> events) -> found.addAll(events);
        case RunLog.Found.Behind(long after, long firstKept) -> catchUp(after, firstKept);
        case RunLog.Found.Nothing() -> {
          return null;
        }
        case RunLog.Found.End() -> ended = true;
      }
    }
    return found.poll();
  }

  private void catchUp(long after, long firstKept) {
    List<ExecutionEvent> events = store.read(executionId, after);
    found.addAll(events);
    // Without any, what lies between was more than is stored: the reader goes on with what is here.
    log.skip(cursor, events.isEmpty() ? firstKept - 1 : events.getLast().getSequence());
  }

  @Override
  public boolean ended() {
    return ended && found.isEmpty();
  }
}
