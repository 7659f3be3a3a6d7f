package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs that are put on record with their end: one commit holds all of it, or none. */
final class WholeRunsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
  private static final ScriptedWorker worker = new ScriptedWorker();
  private static TestServer server;
  private static CompletionWriter writer;

  @BeforeAll
  static void start() throws InterruptedException {
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
    writer = new CompletionWriter(database.jdbi());
  }

  @AfterAll
  static void stop() {
    server.close();
    worker.close();
  }

  @Test
  void holdRowEventsAndStatistics() throws Exception {
    long id = server.procedure("is brief", "pass");
    UUID executionId = UUID.randomUUID();

    Completion recorded = record(id, executionId, "", Outcome.OUTCOME_SUCCESS);

    assertThat(recorded).isNotNull();
    assertThat(server.get(executionId.toString()).getState())
        .isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
    assertThat(server.get(executionId.toString()).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(server.watch(executionId.toString(), 0))
        .extracting(ExecutionEvent::getSequence)
        .containsExactly(1L, 2L);
    assertThat(successes(id)).isEqualTo(1);
  }

  @Test
  void ofATakenRequestIdLeaveNothing() throws Exception {
    long id = server.procedure("is asked for twice", "pass");
    record(id, UUID.randomUUID(), "taken", Outcome.OUTCOME_SUCCESS);
    UUID second = UUID.randomUUID();

    assertThat(record(id, second, "taken", Outcome.OUTCOME_SUCCESS)).isNull();

    assertThat(count("execution", second)).isZero();
    assertThat(count("execution_event", second)).isZero();
    assertThat(successes(id)).isEqualTo(1);
  }

  @Test
  void ofARemovedProcedureLeaveNothing() {
    UUID executionId = UUID.randomUUID();

    assertThatThrownBy(() -> record(987_654, executionId, "", Outcome.OUTCOME_SUCCESS))
        .isInstanceOf(ExecutionException.class)
        .satisfies(failure ->
            assertThat(DatabaseFailures.isMissingReference(failure.getCause())).isTrue());

    assertThat(count("execution_event", executionId)).isZero();
  }

  @Test
  void thatComeTogetherAreTakenOrRefusedEachForItself() throws Exception {
    long id = server.procedure("is asked for by many", "pass");
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (int call = 0; call < 200; call++) {
      String requestId = "many-" + call % 100;
      long procedureId = call % 10 == 0 ? 987_654 : id;
      calls.add(
          () -> record(procedureId, UUID.randomUUID(), requestId, Outcome.OUTCOME_SUCCESS) != null);
    }
    int taken = 0;
    int failed = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> call : threads.invokeAll(calls)) {
        if (call.state() == Future.State.FAILED) {
          failed++;
        } else if (call.resultNow()) {
          taken++;
        }
      }
    }

    assertThat(failed).isEqualTo(20);
    assertThat(taken).isEqualTo(90);
    assertThat(successes(id)).isEqualTo(90);
  }

  private static @Nullable Completion record(
      long procedureId, UUID executionId, String requestId, Outcome outcome)
      throws ExecutionException, InterruptedException {
    var row =
        new RunRows.NewRow(
            executionId,
            procedureId,
            "any name",
            "default",
            1,
            "",
            Names.of(ExecutionState.EXECUTION_STATE_COMPLETED),
            null,
            requestId,
            requestId.isEmpty() ? null : requestId,
            ByteString.EMPTY,
            ByteString.EMPTY,
            ByteString.EMPTY,
            TIME);
    ExecutionEvent accepted =
        ExecutionEvent.newBuilder()
            .setSequence(1)
            .setAccepted(
                ExecutionEvent.Accepted.newBuilder().setExecutionId(executionId.toString()))
            .build();
    ExecutionEvent completed =
        ExecutionEvent.newBuilder()
            .setSequence(2)
            .setCompleted(ExecutionEvent.Completed.newBuilder().setOutcome(outcome))
            .build();
    return writer.recordWhole(
        row,
        new Completion(
            executionId,
            ExecutionState.EXECUTION_STATE_RUNNING,
            procedureId,
            1,
            TIME,
            "worker",
            completed,
            List.of(accepted),
            false));
  }

  private static long successes(long procedureId) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select coalesce(sum(success_count), 0) from version_stats where procedure_id = :id")
                .bind("id", procedureId)
                .mapTo(Long.class)
                .one());
  }

  private static long count(String table, UUID executionId) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select count(*) from <table> where execution_id = :id")
                .define("table", table)
                .bind("id", executionId)
                .mapTo(Long.class)
                .one());
  }
}
