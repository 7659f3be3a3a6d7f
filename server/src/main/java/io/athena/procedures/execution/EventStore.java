package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.v1.ExecutionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores and reads events. What running programs do is stored every so often for all runs at once;
 * a run that ends sooner has all its events stored with its outcome. Thread-safe.
 */
final class EventStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventStore.class);
  private static final int READ_AT_ONCE = 128;

  private final EventDao dao;
  private final Supplier<Collection<LiveRun>> runs;
  private final Background thread;

  EventStore(Jdbi jdbi, Duration interval, Supplier<Collection<LiveRun>> runs) {
    DaoInterfaces.examine(jdbi, EventDao.class);
    this.dao = jdbi.onDemand(EventDao.class);
    this.runs = runs;
    this.thread = new Background("execution-events", interval, this::storePending);
    thread.start();
  }

  /** Stored events after a sequence, in order; not necessarily all. */
  List<ExecutionEvent> read(UUID executionId, long afterSequence) {
    return dao.read(executionId, afterSequence, READ_AT_ONCE).stream()
        .map(EventStore::parse)
        .toList();
  }

  /** The Completed event; null while there is none. */
  @Nullable ExecutionEvent completion(UUID executionId) {
    EventDao.Standing standing = dao.standing(executionId);
    if (standing == null) {
      throw missing(executionId);
    }
    if (standing.completed() == null || standing.endTime() == null) {
      return null;
    }
    ExecutionEvent newest =
        standing.newest() == null ? ExecutionEvent.getDefaultInstance() : parse(standing.newest());
    if (newest.hasCompleted()) {
      return newest;
    }
    // Its server was taken for dead while it went on storing: the row is what counts.
    return ExecutionEvent.newBuilder()
        .setSequence(newest.getSequence() + 1)
        .setTime(Times.toProto(standing.endTime()))
        .setCompleted(parseCompleted(standing.completed()))
        .build();
  }

  /**
   * @throws NotFoundException if there is no such execution
   */
  void requireExists(UUID executionId) {
    if (dao.standing(executionId) == null) {
      throw missing(executionId);
    }
  }

  static NotFoundException missing(UUID executionId) {
    return new NotFoundException(
        "EXECUTION_NOT_FOUND",
        "there is no execution " + executionId,
        Map.of("execution_id", executionId.toString()));
  }

  private void storePending() {
    List<EventDao.StoredEvent> events = new ArrayList<>();
    List<EventDao.StartedRow> started = new ArrayList<>();
    List<Runnable> stored = new ArrayList<>();
    List<Runnable> failed = new ArrayList<>();
    for (LiveRun run : runs.get()) {
      List<ExecutionEvent> pending = run.log().takePending();
      if (!pending.isEmpty()) {
        UUID id = run.admission().executionId();
        pending.forEach(event -> events.add(EventDao.StoredEvent.of(id, event)));
        pending.stream()
            .filter(ExecutionEvent::hasStarted)
            .forEach(event -> started.add(startedRow(id, event)));
        stored.add(() -> run.log().stored(pending, true));
        failed.add(() -> run.log().stored(pending, false));
      }
    }
    if (events.isEmpty()) {
      return;
    }
    try {
      dao.append(events);
      if (!started.isEmpty()) {
        dao.started(started);
      }
      stored.forEach(Runnable::run);
    } catch (RuntimeException failure) {
      log.warn("{} events could not be stored and are tried again", events.size(), failure);
      failed.forEach(Runnable::run);
    }
  }

  private static EventDao.StartedRow startedRow(UUID executionId, ExecutionEvent event) {
    return new EventDao.StartedRow(
        executionId, Completion.time(event), event.getStarted().getWorkerId());
  }

  private static ExecutionEvent parse(ByteString event) {
    try {
      return ExecutionEvent.parseFrom(event);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored event cannot be read", damaged);
    }
  }

  private static ExecutionEvent.Completed parseCompleted(ByteString completed) {
    try {
      return ExecutionEvent.Completed.parseFrom(completed);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored outcome cannot be read", damaged);
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
