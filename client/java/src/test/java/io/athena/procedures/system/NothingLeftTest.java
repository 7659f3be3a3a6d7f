package io.athena.procedures.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thousand runs, sixteen at a time: each counted once, and the host as it was before. */
@Timeout(300)
final class NothingLeftTest {
  private static final int RUNS = 1000;
  private static final int AT_A_TIME = 16;

  /**
   * Caches and compiled code may settle; a thousand runs that leaked a page each would exceed this.
   */
  private static final long HEAP_TOLERANCE_BYTES = 4L << 20;

  @TempDir private Path directory;

  @Test
  void aThousandRunsAreCountedExactlyAndLeaveNothing() throws Exception {
    RunningServer server = RunningServer.start(directory);
    try (AthenaClient client = server.client()) {
      Host host = new Host(server.pid());
      long procedureId = Procedures.save(client, "count", "print('counted')\n");
      runAll(client, procedureId, 10 * AT_A_TIME);
      // The pool fills up again behind the last run; only then is the host at rest.
      Footprint before = Footprint.atRest(host, RunningServer.runDirectory());
      long heapBefore = host.heap();

      Set<String> ids = runAll(client, procedureId, RUNS);

      assertThat(ids).hasSize(RUNS);
      List<Execution> rows = allExecutions(client, procedureId);
      assertThat(rows).hasSize(RUNS + 10 * AT_A_TIME);
      assertThat(rows).allMatch(row -> row.getOutcome() == Outcome.OUTCOME_SUCCESS);
      assertThat(rows.stream().map(Execution::getExecutionId))
          .doesNotHaveDuplicates()
          .containsAll(ids);
      ExecutionStats stats =
          client
              .getProcedureStats(
                  GetProcedureStatsRequest.newBuilder().setProcedureId(procedureId).build())
              .getTotal();
      assertThat(stats.getUsageCount()).isEqualTo(rows.size());
      assertThat(stats.getSuccessCount()).isEqualTo(rows.size());
      assertThat(stats.getAvgCompletionTimeMs())
          .isCloseTo(
              rows.stream().mapToDouble(NothingLeftTest::millis).average().orElseThrow(),
              Offset.offset(0.001));

      assertThat(
              Host.eventually(
                  () -> Footprint.of(host, RunningServer.runDirectory()).isWithin(before)))
          .as("before: %s, after: %s", before, Footprint.of(host, RunningServer.runDirectory()))
          .isTrue();
      assertThat(host.heap()).isLessThan(heapBefore + HEAP_TOLERANCE_BYTES);
    } finally {
      server.stop();
    }
  }

  private static Set<String> runAll(AthenaClient client, long procedureId, int runs)
      throws InterruptedException, ExecutionException {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < AT_A_TIME; caller++) {
        int share = runs / AT_A_TIME + (caller < runs % AT_A_TIME ? 1 : 0);
        callers.add(
            executor.submit(() -> {
              for (int run = 0; run < share; run++) {
                ids.add(run(client, procedureId));
              }
            }));
      }
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    return ids;
  }

  private static String run(AthenaClient client, long procedureId) {
    ExecuteProcedureRequest request =
        ExecuteProcedureRequest.newBuilder().setProcedureId(procedureId).build();
    try (ExecutionStream events = client.executeProcedure(request)) {
      String id = events.next().getAccepted().getExecutionId();
      assertThat(events.awaitCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
      return id;
    }
  }

  private static List<Execution> allExecutions(AthenaClient client, long procedureId) {
    List<Execution> all = new ArrayList<>();
    ListExecutionsRequest.Builder request =
        ListExecutionsRequest.newBuilder().setProcedureId(procedureId).setPageSize(300);
    ListExecutionsResponse page;
    do {
      page = client.listExecutions(request.build());
      all.addAll(page.getExecutionsList());
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return all;
  }

  private static double millis(Execution execution) {
    return Durations.toNanos(execution.getDuration()) / 1e6;
  }
}
