package io.athena.procedures.execution;

import io.athena.procedures.db.Times;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Ends executions that somebody wants ended, wherever they are. Thread-safe. */
final class Cancellations {
  private static final int LONGEST_REASON = 1_000;
  private static final long POLL_MILLIS = 100;

  private final ExecutionDao dao;
  private final Runs runs;
  private final Admissions admissions;
  private final Clock clock;

  Cancellations(Jdbi jdbi, Runs runs, Admissions admissions, Clock clock) {
    this.dao = jdbi.onDemand(ExecutionDao.class);
    this.runs = runs;
    this.admissions = admissions;
    this.clock = clock;
  }

  /** Returns when the execution has ended; at once if it has. */
  void cancel(UUID executionId, String reason) throws InterruptedException {
    Violations violations = new Violations();
    TextRules.check(violations, "reason", reason, LONGEST_REASON);
    violations.throwIfAny();
    String message = reason.isEmpty() ? "Cancelled on request." : "Cancelled: " + reason;
    while (!tryCancel(executionId, message)) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  private boolean tryCancel(UUID executionId, String message) throws InterruptedException {
    LiveRun run = runs.find(executionId);
    if (run != null) {
      run.end(FailureKind.FAILURE_KIND_CANCELLED, message);
      run.awaitFinish();
      // A submitted one may have gone back into the queue instead.
      return run.admission().isFollowed();
    }
    Execution execution = dao.find(executionId);
    if (execution == null) {
      throw EventStore.missing(executionId);
    }
    return switch (execution.getState()) {
      case EXECUTION_STATE_COMPLETED -> true;
      case EXECUTION_STATE_QUEUED -> endWaiting(execution, executionId, message);
      case EXECUTION_STATE_RUNNING -> {
        // Its server looks for this; if that one is lost, another ends the execution as such.
        dao.askForEnd(executionId, message);
        yield false;
      }
      case EXECUTION_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("execution " + executionId + " is in no known state");
    };
  }

  private boolean endWaiting(Execution execution, UUID executionId, String message)
      throws InterruptedException {
    ExecutionEvent accepted = Endings.accepted(execution, 1, Times.now(clock));
    ExecutionEvent completed =
        ExecutionEvent.newBuilder()
            .setSequence(2)
            .setTime(accepted.getTime())
            .setCompleted(
                Endings.failed(
                    Failure.newBuilder()
                        .setKind(FailureKind.FAILURE_KIND_CANCELLED)
                        .setMessage(message)
                        .build()))
            .build();
    Completion recorded =
        runs.completions()
            .record(
                new Completion(
                    executionId,
                    ExecutionState.EXECUTION_STATE_QUEUED,
                    execution.getProcedureId(),
                    execution.getVersion(),
                    null,
                    "",
                    completed,
                    List.of(accepted),
                    false));
    admissions.unqueue(executionId);
    return recorded != null;
  }
}
