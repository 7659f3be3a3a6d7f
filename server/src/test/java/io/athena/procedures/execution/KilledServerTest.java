package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.ServerProcess;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.v1.WatchExecutionRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program, killed and started again. */
final class KilledServerTest {
  private static final String CODE =
      """
      import time

      def sleeps(seconds: float):
          print("begun", flush=True)
          time.sleep(seconds)
          return "done"
      """;

  @Test
  void noAcknowledgedRunIsLostAndNoneRunsForEver(@TempDir Path data) throws IOException {
    List<String> ended = new ArrayList<>();
    List<String> cutOff = new ArrayList<>();
    List<String> queued = new ArrayList<>();
    long id;
    try (ServerProcess first = ServerProcess.onDirectory(data)) {
      id = remember(first);
      for (int run = 0; run < 3; run++) {
        Iterator<ExecuteProcedureResponse> events =
            first.executions().executeProcedure(call(id, 0));
        ended.add(events.next().getEvent().getAccepted().getExecutionId());
        events.forEachRemaining(event -> {});
      }
      for (int run = 0; run < 6; run++) {
        Iterator<ExecuteProcedureResponse> events =
            first.executions().executeProcedure(call(id, 600));
        cutOff.add(events.next().getEvent().getAccepted().getExecutionId());
      }
      for (int run = 0; run < 4; run++) {
        queued.add(
            first
                .executions()
                .submitExecution(
                    SubmitExecutionRequest.newBuilder().setExecution(call(id, 1)).build())
                .getExecution()
                .getExecutionId());
      }
      first.kill();
    }

    try (ServerProcess second = ServerProcess.onDirectory(data)) {
      for (String executionId : ended) {
        assertThat(get(second, executionId).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      for (String executionId : cutOff) {
        Execution execution = get(second, executionId);
        assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
        assertThat(execution.getFailure().getKind())
            .isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
      }
      for (String executionId : queued) {
        second
            .executions()
            .watchExecution(WatchExecutionRequest.newBuilder().setExecutionId(executionId).build())
            .forEachRemaining(event -> {});
        Execution execution = get(second, executionId);
        assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
        // Those that had begun are lost, those that waited have run.
        assertThat(
                execution.getOutcome() == Outcome.OUTCOME_SUCCESS
                    || execution.getFailure().getKind() == FailureKind.FAILURE_KIND_WORKER_LOST)
            .isTrue();
      }
      assertThat(
              second
                  .executions()
                  .listExecutions(ListExecutionsRequest.newBuilder().setProcedureId(id).build())
                  .getExecutionsList())
          .hasSize(13)
          .allMatch(execution -> execution.getState() == ExecutionState.EXECUTION_STATE_COMPLETED);
    }
  }

  private static ExecuteProcedureRequest call(long procedureId, double seconds) {
    return ExecuteProcedureRequest.newBuilder()
        .setProcedureId(procedureId)
        .setParameters(
            Struct.newBuilder()
                .putFields("seconds", Value.newBuilder().setNumberValue(seconds).build()))
        .build();
  }

  private static Execution get(ServerProcess server, String executionId) {
    return server
        .executions()
        .getExecution(GetExecutionRequest.newBuilder().setExecutionId(executionId).build())
        .getExecution();
  }

  private static long remember(ServerProcess server) {
    long id =
        server
            .procedures()
            .rememberProcedure(
                RememberProcedureRequest.newBuilder()
                    .setProcedure(
                        Procedure.newBuilder()
                            .setName("sleeps")
                            .addParameters(
                                Parameter.newBuilder()
                                    .setName("seconds")
                                    .setType(ParameterType.PARAMETER_TYPE_NUMBER)
                                    .setRequired(true)))
                    .build())
            .getProcedure()
            .getProcedureId();
    var saved =
        server.save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(CODE).build());
    assertThat(saved.getVersion().getVersion()).isEqualTo(1);
    return id;
  }
}
