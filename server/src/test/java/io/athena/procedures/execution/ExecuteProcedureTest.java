package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Outcome;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ExecuteProcedureTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final ScriptedWorker worker = new ScriptedWorker();
  private static TestServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    worker.on(
        "print",
        program -> {
          program.started();
          program.print("one\n");
          program.print("two\n");
          program.succeed(Value.newBuilder().setNumberValue(42).build());
        });
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
  }

  @AfterAll
  static void stop() {
    server.close();
    worker.close();
  }

  @Test
  void streamsEverythingInOrderAndRecordsTheOutcomeBeforeItIsSent() {
    long id = server.procedure("prints", "print");

    List<ExecutionEvent> events = server.execute(TestServer.call(id));

    assertThat(events.getFirst().getAccepted().getProcedureId()).isEqualTo(id);
    assertThat(events.get(1).getStarted().getWorkerId()).isEqualTo("worker-1");
    assertThat(events)
        .extracting(ExecutionEvent::getSequence)
        .containsExactlyElementsOf(
            java.util.stream.LongStream.rangeClosed(1, events.size()).boxed().toList());
    assertThat(events.getLast().getCompleted().getResult().getNumberValue()).isEqualTo(42);
    String executionId = events.getFirst().getAccepted().getExecutionId();
    Execution execution = server.get(executionId);
    assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
    assertThat(execution.getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(execution.getLastSequence()).isEqualTo(events.size());
    assertThat(server.watch(executionId, 0)).isEqualTo(events);
  }

  @Test
  void skipsAProcedureWithoutCode() {
    long id = server.procedure("has no code", "");

    List<ExecutionEvent> events = server.execute(TestServer.call(id));

    assertThat(events).hasSize(2);
    assertThat(events.getLast().getCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SKIPPED);
  }

  @Test
  void namesAProcedureThatIsNotThere() {
    assertThatThrownBy(() -> server.execute(TestServer.call(404)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> {
              assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
              assertThat(failure.getStatus().getDescription()).contains("404");
            });
  }
}
