package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import com.google.rpc.Code;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.CancelExecutionRequest;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
final class QueueTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Semaphore mayEnd = new Semaphore(0);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final ScriptedWorker worker = new ScriptedWorker();

  @BeforeEach
  void scripts() {
    worker
        .on(
            "waits",
            program -> {
              program.started();
              mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
              while (!mayEnd.tryAcquire(20, TimeUnit.MILLISECONDS)) {
                if (program.hasRequest()) {
                  program.fail(FailureKind.FAILURE_KIND_CANCELLED, "killed");
                  return;
                }
              }
              running.decrementAndGet();
              program.succeed(Value.getDefaultInstance());
            })
        .on(
            "busy at first",
            program -> {
              if (refusals.getAndIncrement() == 0) {
                program.refuse(
                    StatusProto.toStatusRuntimeException(
                        com.google.rpc.Status.newBuilder()
                            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
                            .setMessage("busy")
                            .build()));
                return;
              }
              program.started();
              program.succeed(Value.getDefaultInstance());
            });
  }

  @AfterEach
  void clean() {
    worker.close();
    database.jdbi().useHandle(handle -> handle.execute("delete from procedure"));
  }

  private TestServer server() throws InterruptedException {
    return new TestServer(
        database.jdbi(), worker.channel(), ExecutionSettings.defaults().withQueuedRuns(2));
  }

  private static Execution submit(TestServer server, ExecuteProcedureRequest request) {
    return server
        .stub()
        .submitExecution(SubmitExecutionRequest.newBuilder().setExecution(request).build())
        .getExecution();
  }

  @Test
  void submittedRunsAreRunAFewAtATimeAndAllEnd() throws InterruptedException {
    try (TestServer server = server()) {
      long id = server.procedure("is queued", "waits");
      List<String> ids = new ArrayList<>();
      for (int run = 0; run < 6; run++) {
        ids.add(submit(server, TestServer.call(id)).getExecutionId());
      }
      mayEnd.release(6);

      for (String executionId : ids) {
        List<ExecutionEvent> events = server.watch(executionId, 0);
        assertThat(events.getFirst().hasAccepted()).isTrue();
        assertThat(events.getLast().getCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      assertThat(mostRunning.get()).isBetween(1, 2);
    }
  }

  @Test
  void whatWaitsOutlivesTheServer() throws InterruptedException {
    String waiting;
    long id;
    try (TestServer first = server()) {
      id = first.procedure("outlives its server", "waits");
      List<String> begun = new ArrayList<>();
      for (int run = 0; run < 2; run++) {
        begun.add(submit(first, TestServer.call(id)).getExecutionId());
      }
      for (String executionId : begun) {
        first
            .stub()
            .watchExecution(
                io.athena.procedures.v1.WatchExecutionRequest.newBuilder()
                    .setExecutionId(executionId)
                    .build())
            .next();
      }
      Execution execution = submit(first, TestServer.call(id));
      assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_QUEUED);
      waiting = execution.getExecutionId();
    }
    mayEnd.release(3);
    try (TestServer second = server()) {
      second.watch(waiting, 0);

      assertThat(second.get(waiting).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    }
  }

  @Test
  void aRunThatNoWorkerTakesWaitsAgain() throws InterruptedException {
    try (TestServer server = server()) {
      long id = server.procedure("waits for a worker", "busy at first");

      String executionId = submit(server, TestServer.call(id)).getExecutionId();
      List<ExecutionEvent> events = server.watch(executionId, 0);

      assertThat(events.getFirst().getSequence()).isEqualTo(1);
      assertThat(events.getLast().getCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      assertThat(refusals.get()).isEqualTo(2);
    }
  }

  @Test
  void aWaitingRunIsCancelledWithoutEverStarting() throws InterruptedException {
    try (TestServer server = server()) {
      long id = server.procedure("is given up", "waits");
      for (int run = 0; run < 2; run++) {
        submit(server, TestServer.call(id));
      }
      String executionId = submit(server, TestServer.call(id)).getExecutionId();

      Execution ended =
          server
              .stub()
              .cancelExecution(
                  CancelExecutionRequest.newBuilder().setExecutionId(executionId).build())
              .getExecution();

      assertThat(ended.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
      assertThat(server.watch(executionId, 0))
          .extracting(ExecutionEvent::getEventCase)
          .containsExactly(ExecutionEvent.EventCase.ACCEPTED, ExecutionEvent.EventCase.COMPLETED);
      mayEnd.release(2);
    }
  }

  @Test
  void oneThatCannotBeReadDoesNotHoldUpTheOthers() throws InterruptedException {
    List<String> ids = new ArrayList<>();
    try (TestServer without =
        new TestServer(
            database.jdbi(), worker.channel(), ExecutionSettings.defaults().withQueuedRuns(0))) {
      long id = without.procedure("is queued with others", "waits");
      for (int run = 0; run < 3; run++) {
        ids.add(submit(without, TestServer.call(id)).getExecutionId());
      }
    }
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute(
              "update execution set parameters = '\\xff' where execution_id = ?",
              UUID.fromString(ids.getFirst()));
          // So that the damaged row comes first in whatever order they are claimed.
          handle.execute(
              "update execution set request_id = '' where execution_id <> ?",
              UUID.fromString(ids.getFirst()));
        });
    mayEnd.release(2);
    try (TestServer server =
        new TestServer(
            database.jdbi(), worker.channel(), ExecutionSettings.defaults().withQueuedRuns(3))) {
      for (String executionId : ids.subList(1, 3)) {
        assertThat(server.watch(executionId, 0).getLast().getCompleted().getOutcome())
            .isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
    }
  }

  @Test
  void aRequestThatIsSubmittedAndExecutedAtOnceRunsOnce() throws Exception {
    int requests = 30;
    mayEnd.release(requests);
    try (TestServer server = server();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long id = server.procedure("is wanted in two ways", "waits");
      for (int request = 0; request < requests; request++) {
        ExecuteProcedureRequest call =
            TestServer.call(id).toBuilder().setRequestId("both-" + request).build();
        Future<Execution> submitted = threads.submit(() -> submit(server, call));
        List<ExecutionEvent> executed = server.execute(call);
        assertThat(executed.getFirst().getAccepted().getExecutionId())
            .isEqualTo(submitted.get().getExecutionId());
      }
      assertThat(worker.starts()).isEqualTo(requests);
    }
  }

  @Test
  void aSubmissionNamesItsProcedure() throws InterruptedException {
    try (TestServer server = server()) {
      assertThatThrownBy(() -> submit(server, ExecuteProcedureRequest.getDefaultInstance()))
          .hasMessageStartingWith("INVALID_ARGUMENT: procedure_id: must be the id of a procedure");
      assertThatThrownBy(() -> server.execute(ExecuteProcedureRequest.getDefaultInstance()))
          .hasMessageStartingWith("INVALID_ARGUMENT: procedure_id: must be the id of a procedure");
    }
  }

  @Test
  void aRepeatedSubmissionIsTheSameExecution() throws InterruptedException {
    try (TestServer server = server()) {
      long id = server.procedure("is submitted twice", "waits");
      ExecuteProcedureRequest request =
          TestServer.call(id).toBuilder().setRequestId("submitted").build();

      String first = submit(server, request).getExecutionId();

      assertThat(submit(server, request).getExecutionId()).isEqualTo(first);
      mayEnd.release();
      server.watch(first, 0);
    }
  }
}
