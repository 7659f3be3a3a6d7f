package io.athena.procedures.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed in the middle of its work loses nothing that it acknowledged. */
@Timeout(180)
final class KilledServerTest {
  private static final int RUNS_UNDER_WAY = 6;
  private static final int RUNS_DONE = 20;

  @TempDir private Path directory;

  @Test
  void noRunIsLostOrLeftRunningAndNoContainerSurvives() throws Exception {
    List<String> done = new ArrayList<>();
    List<String> underWay = new ArrayList<>();
    long procedureId;
    RunningServer first = RunningServer.start(directory);
    try (AthenaClient client = first.client()) {
      procedureId = Procedures.save(client, "finish", "print('done')\n");
      long endless =
          Procedures.save(
              client,
              "endless",
              "import time\nprint('begun', flush=True)\nwhile True: time.sleep(1)\n");
      for (int run = 0; run < RUNS_DONE; run++) {
        done.add(runToTheEnd(client, procedureId));
      }
      for (int run = 0; run < RUNS_UNDER_WAY; run++) {
        underWay.add(runUntilItPrints(client, endless));
      }
      assertThat(Host.sandboxedProcesses(RunningServer.runDirectory())).isPositive();
      // While the client is open: closing it cancels what it follows.
      first.kill();
    } finally {
      first.kill();
    }
    assertThat(Host.eventually(() -> Host.sandboxedProcesses(RunningServer.runDirectory()) == 0))
        .as("containers end with their worker")
        .isTrue();

    RunningServer second = RunningServer.start(directory);
    try (AthenaClient client = second.client()) {
      for (String id : done) {
        assertThat(client.getExecution(id).getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      for (String id : underWay) {
        Execution execution = client.getExecution(id);
        assertThat(execution.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
        assertThat(execution.getFailure().getKind())
            .isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
      }
      assertThat(runToTheEnd(client, procedureId)).isNotIn(done);
    } finally {
      second.stop();
    }
  }

  private static String runToTheEnd(AthenaClient client, long procedureId) {
    try (ExecutionStream events = client.executeProcedure(requestFor(procedureId))) {
      String id = events.next().getAccepted().getExecutionId();
      assertThat(events.awaitCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      return id;
    }
  }

  /** The stream stays open: closing it would cancel the run. It ends with the client. */
  private static String runUntilItPrints(AthenaClient client, long procedureId) {
    ExecutionStream events = client.executeProcedure(requestFor(procedureId));
    String id = events.next().getAccepted().getExecutionId();
    ExecutionEvent event = events.next();
    while (!event.hasOutput()) {
      event = events.next();
    }
    return id;
  }

  private static ExecuteProcedureRequest requestFor(long procedureId) {
    return ExecuteProcedureRequest.newBuilder().setProcedureId(procedureId).build();
  }
}
