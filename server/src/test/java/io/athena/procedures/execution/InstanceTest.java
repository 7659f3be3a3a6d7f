package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.CancelExecutionRequest;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several servers on one database, and what is left of those that are gone. */
final class InstanceTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final ExecutionSettings SHARED =
      ExecutionSettings.defaults().shared(Duration.ofMillis(200), Duration.ofSeconds(2));

  private final Semaphore mayGoOn = new Semaphore(0);
  private final ScriptedWorker worker = new ScriptedWorker();

  @BeforeEach
  void scripts() {
    worker
        .on(
            "steps",
            program -> {
              program.started();
              program.print("first\n");
              mayGoOn.acquire();
              program.print("second\n");
              program.succeed(Value.getDefaultInstance());
            })
        .on(
            "listens",
            program -> {
              program.started();
              if (program.request().hasCancel()) {
                program.fail(FailureKind.FAILURE_KIND_CANCELLED, "killed");
              }
            });
  }

  @AfterEach
  void clean() {
    worker.close();
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute("delete from procedure");
          handle.execute("delete from server_instance");
        });
  }

  private TestServer server(ExecutionSettings settings) throws InterruptedException {
    return new TestServer(database.jdbi(), worker.channel(), settings);
  }

  /** What a server that was killed leaves: a row, some events, a heartbeat of some age. */
  private static String leftover(long procedureId, Duration silentFor, ExecutionEvent... events) {
    UUID execution = UUID.randomUUID();
    UUID instance = UUID.randomUUID();
    database
        .jdbi()
        .useHandle(handle -> {
          handle
              .createUpdate(
                  """
                  insert into server_instance
                  values (:id, now(), now() - make_interval(secs => :seconds))
                  """)
              .bind("id", instance)
              .bind("seconds", silentFor.toMillis() / 1000.0)
              .execute();
          handle
              .createUpdate(
                  """
                  insert into execution (execution_id, procedure_id, procedure_name, project,
                    version, state, instance_id, request_hash, parameters, limits, create_time)
                  values (:id, :procedure, 'p', 'default', 1, 'RUNNING', :instance, '', '', '', now())
                  """)
              .bind("id", execution)
              .bind("procedure", procedureId)
              .bind("instance", instance)
              .execute();
          for (ExecutionEvent event : events) {
            handle.execute(
                "insert into execution_event values (?, ?, ?)",
                execution,
                event.getSequence(),
                event.toByteArray());
          }
        });
    return execution.toString();
  }

  @Test
  void aSoleServerEndsWhatItsPredecessorLeftBeforeItServes() throws InterruptedException {
    long id = TestServer.procedure(database.jdbi(), "was cut off", "steps");
    String withEvents =
        leftover(
            id,
            Duration.ZERO,
            ExecutionEvent.newBuilder().setSequence(1).build(),
            ExecutionEvent.newBuilder().setSequence(2).build());
    String withoutEvents = leftover(id, Duration.ZERO);

    try (TestServer server = server(ExecutionSettings.defaults())) {
      for (String executionId : List.of(withEvents, withoutEvents)) {
        Execution execution = server.get(executionId);
        assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
        assertThat(execution.getFailure().getKind())
            .isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
      }
      assertThat(server.watch(withEvents, 2))
          .singleElement()
          .satisfies(event -> assertThat(event.getSequence()).isEqualTo(3));
      assertThat(server.watch(withEvents, 17))
          .as("one who saw more than was stored learns the end")
          .singleElement()
          .matches(ExecutionEvent::hasCompleted);
      assertThat(server.watch(withEvents, 3)).isEmpty();
      assertThat(server.watch(withoutEvents, 0))
          .extracting(ExecutionEvent::getEventCase)
          .containsExactly(ExecutionEvent.EventCase.ACCEPTED, ExecutionEvent.EventCase.COMPLETED);
    }
  }

  @Test
  void theRunsOfASilentServerAreEndedByAnotherAndThoseOfALivingOneAreNot()
      throws InterruptedException {
    long id = TestServer.procedure(database.jdbi(), "is shared", "steps");
    String ofTheDead = leftover(id, Duration.ofHours(1));
    String ofTheLiving = leftover(id, Duration.ofHours(-1));

    try (TestServer server = server(SHARED)) {
      assertThat(server.watch(ofTheDead, 0).getLast().hasCompleted()).isTrue();
      assertThat(server.get(ofTheLiving).getState())
          .isEqualTo(ExecutionState.EXECUTION_STATE_RUNNING);
    }
  }

  @Test
  void aRunIsWatchedAndCancelledThroughAnotherServer() throws InterruptedException {
    try (TestServer one = server(SHARED);
        TestServer other = server(SHARED)) {
      long id = one.procedure("runs on one server", "steps");
      Iterator<ExecuteProcedureResponse> caller = one.stub().executeProcedure(TestServer.call(id));
      String executionId = caller.next().getEvent().getAccepted().getExecutionId();
      Iterator<?> far =
          other
              .stub()
              .watchExecution(
                  io.athena.procedures.v1.WatchExecutionRequest.newBuilder()
                      .setExecutionId(executionId)
                      .build());
      for (int event = 0; event < 3; event++) {
        far.next();
      }
      mayGoOn.release();
      caller.forEachRemaining(response -> {});
      assertThat(other.watch(executionId, 0)).isEqualTo(one.watch(executionId, 0));

      long endless = one.procedure("is ended from afar", "listens");
      caller = one.stub().executeProcedure(TestServer.call(endless));
      String cancelled = caller.next().getEvent().getAccepted().getExecutionId();
      Execution ended =
          other
              .stub()
              .cancelExecution(
                  CancelExecutionRequest.newBuilder()
                      .setExecutionId(cancelled)
                      .setReason("from afar")
                      .build())
              .getExecution();
      assertThat(ended.getFailure().getMessage()).contains("from afar");
    }
  }

  @Test
  void aRunWithoutPumpIsEndedButNotWhileItIsBeingClaimed() throws InterruptedException {
    long id = TestServer.procedure(database.jdbi(), "has no pump", "steps");
    UUID self = UUID.randomUUID();
    UUID claimed = UUID.fromString(leftover(id, Duration.ZERO));
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update execution set instance_id = ?, create_time = now() - interval '1 hour'",
                self));
    SandboxClient sandboxes = new SandboxClient(Map.of("worker", worker.channel()));
    try (Runs runs = new Runs(database.jdbi(), sandboxes, SHARED, Clock.systemUTC());
        Instance instance =
            new Instance(database.jdbi(), self, runs, sandboxes, SHARED, Clock.systemUTC())) {
      runs.claiming().lock();
      try {
        instance.start();
        Instant first = heartbeat(self);
        await(() -> heartbeat(self).isAfter(first.plusMillis(500)));
        assertThat(state(claimed)).isEqualTo("RUNNING");
      } finally {
        runs.claiming().unlock();
      }
      await(() -> state(claimed).equals("COMPLETED"));
    }
  }

  private static Instant heartbeat(UUID instance) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select heartbeat_time from server_instance where instance_id = :id")
                .bind("id", instance)
                .mapTo(Instant.class)
                .one());
  }

  private static String state(UUID execution) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select state from execution where execution_id = :id")
                .bind("id", execution)
                .mapTo(String.class)
                .one());
  }

  @Test
  void aServerThatWasTakenForDeadTellsItsCallerWhatWasRecorded() throws InterruptedException {
    ExecutionSettings silent =
        ExecutionSettings.defaults().shared(Duration.ofHours(1), Duration.ofSeconds(2));
    try (TestServer server = server(silent)) {
      long id = server.procedure("is taken for dead", "steps");
      Iterator<ExecuteProcedureResponse> caller =
          server.stub().executeProcedure(TestServer.call(id));
      String executionId = caller.next().getEvent().getAccepted().getExecutionId();
      database.jdbi().useHandle(handle -> handle.execute("delete from server_instance"));
      server(SHARED).close();
      mayGoOn.release();

      ExecutionEvent last = ExecutionEvent.getDefaultInstance();
      while (caller.hasNext()) {
        last = caller.next().getEvent();
      }

      assertThat(last.getCompleted().getFailure().getKind())
          .isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
      assertThat(server.get(executionId).getFailure()).isEqualTo(last.getCompleted().getFailure());
    }
  }

  @Test
  void aRequestThatReachesSeveralServersRunsOnce() throws InterruptedException {
    try (TestServer one = server(SHARED);
        TestServer other = server(SHARED);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long id = one.procedure("is asked for everywhere", "steps");
      ExecuteProcedureRequest request =
          TestServer.call(id).toBuilder().setRequestId("everywhere").build();
      mayGoOn.release();

      List<CompletableFuture<List<ExecutionEvent>>> calls = new ArrayList<>();
      for (int call = 0; call < 4; call++) {
        calls.add(CompletableFuture.supplyAsync(() -> one.execute(request), threads));
        calls.add(CompletableFuture.supplyAsync(() -> other.execute(request), threads));
      }

      List<ExecutionEvent> seen = calls.getFirst().join();
      assertThat(calls).allSatisfy(call -> assertThat(call.join()).isEqualTo(seen));
      assertThat(worker.starts()).isEqualTo(1);
    }
  }

  @Test
  void oldExecutionsAreRemovedWhereThatIsConfigured() throws InterruptedException {
    ExecutionSettings forgetful = SHARED.withKeepFor(Duration.ofSeconds(1));
    try (TestServer server = server(forgetful)) {
      long id = server.procedure("is soon forgotten", "steps");
      mayGoOn.release();
      List<ExecutionEvent> events = server.execute(TestServer.call(id));
      String executionId = events.getFirst().getAccepted().getExecutionId();

      assertThat(server.get(executionId).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      await(() ->
          server
              .stub()
              .listExecutions(ListExecutionsRequest.newBuilder().setProcedureId(id).build())
              .getExecutionsList()
              .isEmpty());
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
