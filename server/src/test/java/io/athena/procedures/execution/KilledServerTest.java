package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.ExecutionServiceGrpc.ExecutionServiceBlockingStub;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceBlockingStub;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
  void noAcknowledgedRunIsLostAndNoneRunsForEver(@TempDir Path data)
      throws IOException, InterruptedException {
    List<String> ended = new ArrayList<>();
    List<String> cutOff = new ArrayList<>();
    List<String> queued = new ArrayList<>();
    long id;
    try (ServerProcess first = new ServerProcess(data)) {
      id = first.remember();
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

    try (ServerProcess second = new ServerProcess(data)) {
      for (String executionId : ended) {
        assertThat(second.get(executionId).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      for (String executionId : cutOff) {
        Execution execution = second.get(executionId);
        assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
        assertThat(execution.getFailure().getKind())
            .isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
      }
      for (String executionId : queued) {
        second
            .executions()
            .watchExecution(WatchExecutionRequest.newBuilder().setExecutionId(executionId).build())
            .forEachRemaining(event -> {});
        Execution execution = second.get(executionId);
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

  private static final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final ManagedChannel channel;

    ServerProcess(Path data) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "io.athena.procedures.Main",
              "serve",
              "--json",
              "--port",
              "0",
              "--transport",
              "netty",
              "--data-dir",
              data.toString());
      builder
          .environment()
          .putAll(
              Map.of(
                  "ATHENA_SERVER_HTTP_PORT",
                  "0",
                  "ATHENA_SANDBOX_RUN_DIR",
                  "/run/athena-killed-server-test-" + UUID.randomUUID()));
      process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      channel = NettyChannelBuilder.forAddress("127.0.0.1", port(process)).usePlaintext().build();
    }

    private static int port(Process process) throws IOException {
      BufferedReader output = process.inputReader();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith("{")) {
          return Integer.parseInt(line.replaceFirst(".*\"port\":(\\d+).*", "$1"));
        }
      }
      throw new AssertionError("the server did not start");
    }

    ExecutionServiceBlockingStub executions() {
      return ExecutionServiceGrpc.newBlockingStub(channel);
    }

    Execution get(String executionId) {
      return executions()
          .getExecution(GetExecutionRequest.newBuilder().setExecutionId(executionId).build())
          .getExecution();
    }

    long remember() {
      ProcedureServiceBlockingStub procedures = ProcedureServiceGrpc.newBlockingStub(channel);
      long id =
          procedures
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
          procedures.saveProcedureCode(
              SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(CODE).build());
      assertThat(saved.getVersion().getVersion()).isEqualTo(1);
      return id;
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
      channel.shutdownNow();
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
