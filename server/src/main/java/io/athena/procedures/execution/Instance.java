package io.athena.procedures.execution;

import io.athena.procedures.db.Times;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server among those that share the database: says that it lives, ends the runs of those that
 * no longer do, and its own that others want ended. Thread-safe.
 */
final class Instance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Instance.class);

  /** How soon a cancel by another server is seen. */
  private static final Duration LOOK_AROUND = Duration.ofMillis(500);

  /** A run of this server that is not being pumped after this time has no pump any more. */
  private static final Duration ADMISSION = Duration.ofMinutes(1);

  private static final int RECOVERED_AT_ONCE = 200;

  private final InstanceDao dao;
  private final UUID instanceId;
  private final Runs runs;
  private final SandboxClient sandboxes;
  private final ExecutionSettings settings;
  private final Clock clock;
  private final Background background;
  private Instant nextHeartbeat;

  Instance(
      Jdbi jdbi,
      UUID instanceId,
      Runs runs,
      SandboxClient sandboxes,
      ExecutionSettings settings,
      Clock clock) {
    this.dao = jdbi.onDemand(InstanceDao.class);
    this.instanceId = instanceId;
    this.runs = runs;
    this.sandboxes = sandboxes;
    this.settings = settings;
    this.clock = clock;
    this.nextHeartbeat = clock.instant().plus(settings.sharing().heartbeat());
    this.background =
        new Background(
            "execution-instance",
            settings.sharing().soleServer() ? settings.sharing().heartbeat() : LOOK_AROUND,
            this::lookAround);
  }

  /** Makes this server known, and ends what an earlier one left if there can be no other. */
  void start() throws InterruptedException {
    dao.live(instanceId);
    recover();
    background.start();
  }

  private void lookAround() throws InterruptedException {
    try {
      if (!settings.sharing().soleServer()) {
        endWanted();
      }
      if (!clock.instant().isBefore(nextHeartbeat)) {
        nextHeartbeat = clock.instant().plus(settings.sharing().heartbeat());
        beat();
      }
    } catch (RuntimeException failure) {
      log.warn("the server could not look after its executions; it tries again", failure);
    }
  }

  private void beat() throws InterruptedException {
    dao.live(instanceId);
    recover();
    endStrays();
    sandboxes.refreshLoads();
    if (!settings.storage().keepFor().isZero()) {
      dao.purge(Times.now(clock).minus(settings.storage().keepFor()));
    }
  }

  private void recover() throws InterruptedException {
    double seconds = settings.sharing().deadAfter().toMillis() / 1_000.0;
    List<Execution> lost;
    do {
      lost =
          settings.sharing().soleServer()
              ? dao.ofOthers(instanceId, RECOVERED_AT_ONCE)
              : dao.lost(instanceId, seconds, RECOVERED_AT_ONCE);
      for (Execution execution : lost) {
        end(execution, "The server that ran it was lost.");
      }
    } while (lost.size() == RECOVERED_AT_ONCE);
    dao.forget(settings.sharing().soleServer() ? seconds : 10 * seconds);
  }

  private void endStrays() throws InterruptedException {
    if (!runs.claiming().tryLock()) {
      return; // The next heartbeat looks again.
    }
    try {
      endThoseWithoutRun();
    } finally {
      runs.claiming().unlock();
    }
  }

  private void endThoseWithoutRun() throws InterruptedException {
    for (Execution execution : dao.ofInstance(instanceId, Times.now(clock).minus(ADMISSION))) {
      if (runs.find(UUID.fromString(execution.getExecutionId())) == null) {
        end(execution, "The server could not go on with the run.");
      }
    }
  }

  private void endWanted() {
    for (InstanceDao.Wanted wanted : dao.wanted(instanceId)) {
      LiveRun run = runs.find(wanted.executionId());
      if (run != null) {
        run.end(FailureKind.FAILURE_KIND_CANCELLED, wanted.cancelReason());
      }
    }
  }

  private void end(Execution execution, String why) throws InterruptedException {
    Instant now = Times.now(clock);
    long sequence = execution.getLastSequence();
    List<ExecutionEvent> unstored = new ArrayList<>();
    if (sequence == 0) {
      unstored.add(Endings.accepted(execution, ++sequence, now));
    }
    ExecutionEvent completed =
        ExecutionEvent.newBuilder()
            .setSequence(sequence + 1)
            .setTime(Times.toProto(now))
            .setCompleted(
                Endings.failed(
                    Failure.newBuilder()
                        .setKind(FailureKind.FAILURE_KIND_WORKER_LOST)
                        .setMessage(why + " Whether the code ran to its end is unknown.")
                        .build()))
            .build();
    Completion recorded =
        runs.completions()
            .record(
                new Completion(
                    UUID.fromString(execution.getExecutionId()),
                    ExecutionState.EXECUTION_STATE_RUNNING,
                    execution.getProcedureId(),
                    execution.getVersion(),
                    null,
                    "",
                    completed,
                    unstored,
                    false));
    if (recorded != null) {
      log.warn("execution {} is recorded as lost: {}", execution.getExecutionId(), why);
    }
  }

  @Override
  public void close() {
    background.close();
  }

  /** The last word: nothing of this server runs any more. */
  void leave() {
    dao.leave(instanceId);
  }
}
