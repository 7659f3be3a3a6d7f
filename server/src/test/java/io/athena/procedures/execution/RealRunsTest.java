package io.athena.procedures.execution;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs in real containers, end to end. */
final class RealRunsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static RealWorker worker;
  private static TestServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    worker = new RealWorker();
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    worker.close();
  }

  private static Parameter number(String name) {
    return Parameter.newBuilder()
        .setName(name)
        .setType(ParameterType.PARAMETER_TYPE_INTEGER)
        .setRequired(true)
        .build();
  }

  private static ExecuteProcedureRequest call(long id, int n) {
    return ExecuteProcedureRequest.newBuilder()
        .setProcedureId(id)
        .setParameters(
            Struct.newBuilder().putFields("n", Value.newBuilder().setNumberValue(n).build()))
        .build();
  }

  @Test
  void aThousandRunsBySixteenCallersEachHaveOneRowAndTheStatisticsEqualTheRows()
      throws InterruptedException, ExecutionException {
    int runs = 1_000;
    long id =
        server.procedure(
            "divides",
            """
            def divides(n: int) -> float:
                print("run", n)
                if n % 10 == 0:
                    raise ValueError(f"{n} is round")
                return n / 2
            """,
            number("n"));
    Set<String> executions = ConcurrentHashMap.newKeySet();
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      List<Future<?>> calls = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        int n = run;
        calls.add(
            callers.submit(() -> {
              List<ExecutionEvent> events = server.execute(call(id, n));
              ExecutionEvent.Completed completed = events.getLast().getCompleted();
              if (n % 10 == 0) {
                assertThat(completed.getFailure().getKind())
                    .isEqualTo(FailureKind.FAILURE_KIND_EXCEPTION);
              } else {
                assertThat(completed.getResult().getNumberValue()).isEqualTo(n / 2.0);
              }
              executions.add(events.getFirst().getAccepted().getExecutionId());
            }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    }

    assertThat(executions).hasSize(runs);
    Set<String> rows =
        new HashSet<>(
            database
                .jdbi()
                .withHandle(handle ->
                    handle
                        .createQuery(
                            """
                            select execution_id::text from execution
                            where procedure_id = :id and state = 'COMPLETED'
                              and ((outcome = 'SUCCESS') or (outcome = 'FAILURE' and failure_kind = 'EXCEPTION'))
                            """)
                        .bind("id", id)
                        .mapTo(String.class)
                        .list()));
    assertThat(rows).isEqualTo(executions);
    GetProcedureStatsResponse.Builder response = GetProcedureStatsResponse.newBuilder();
    new ExecutionStatistics(database.jdbi()).addTo(response, id);
    ExecutionStats total = response.getTotal();
    assertThat(total.getUsageCount()).isEqualTo(runs);
    assertThat(total.getSuccessCount()).isEqualTo(900);
    assertThat(total.getFailureCount()).isEqualTo(100);
    assertThat(total.getSuccessRate()).isEqualTo(0.9);
    assertThat(total.getFailures(0).getKind()).isEqualTo(FailureKind.FAILURE_KIND_EXCEPTION);
    assertThat(total.getFailures(0).getCount()).isEqualTo(100);
    assertThat(total.getP50CompletionTimeMs()).isBetween(0.1, total.getP95CompletionTimeMs());
    assertThat(total.getP95CompletionTimeMs()).isLessThanOrEqualTo(total.getP99CompletionTimeMs());
    assertThat(response.getVersions(0).getStats()).isEqualTo(total);
    List<Integer> kept =
        database
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        """
                        select unnest(array[success_count, failure_count, skipped_count,
                                            no_fault_count])
                        from version_stats where procedure_id = :id
                        """)
                    .bind("id", id)
                    .mapTo(Integer.class)
                    .list());
    assertThat(kept).containsExactly(900, 100, 0, 0);
    assertThat(response.getVersions(0).getConfidence()).isBetween(0.11, 0.13);
  }

  @Test
  void outputArrivesWhileTheProgramRuns() {
    long id =
        server.procedure(
            "prints slowly",
            """
            import sys, time

            def main():
                for n in range(3):
                    print(n, flush=True)
                    time.sleep(0.5)
            """);
    Iterator<ExecuteProcedureResponse> responses =
        server.stub().executeProcedure(TestServer.call(id));
    List<ExecutionEvent> outputs = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    responses.forEachRemaining(response -> {
      if (response.getEvent().hasOutput()) {
        outputs.add(response.getEvent());
        seen.add(System.nanoTime());
      }
    });

    assertThat(outputs)
        .extracting(event -> event.getOutput().getData().toStringUtf8())
        .containsExactly("0\n", "1\n", "2\n");
    assertThat(Duration.ofNanos(seen.getLast() - seen.getFirst()))
        .isGreaterThan(Duration.ofMillis(800));
  }

  @Test
  void aTimeoutIsAnOutcomeAfterAllOutput() {
    long id =
        server.procedure(
            "never ends",
            """
            def main():
                print("begun", flush=True)
                while True:
                    pass
            """);

    List<ExecutionEvent> events =
        server.execute(
            TestServer.call(id).toBuilder()
                .setLimits(ExecutionLimits.newBuilder().setWallTime(Durations.fromMillis(500)))
                .build());

    assertThat(events)
        .anyMatch(event -> event.getOutput().getData().toStringUtf8().equals("begun\n"));
    Execution execution = server.get(events.getFirst().getAccepted().getExecutionId());
    assertThat(execution.getOutcome()).isEqualTo(Outcome.OUTCOME_FAILURE);
    assertThat(execution.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_TIMEOUT);
    assertThat(execution.getUsage().getStdoutBytes()).isEqualTo(6);
    assertThat(execution.getOutputBytes()).isEqualTo(6);
  }

  @Test
  void muchOutputArrivesByteForByte() {
    int blocks = 1_500;
    long id =
        server.procedure(
            "floods",
            """
            import sys

            def floods(n: int) -> None:
                for number in range(n):
                    sys.stdout.buffer.write(b"%016d" % number + bytes(range(256)) * 256)
            """,
            number("n"));
    Iterator<ExecuteProcedureResponse> responses =
        server
            .stub()
            .executeProcedure(
                call(id, blocks).toBuilder()
                    .setLimits(ExecutionLimits.newBuilder().setOutputBytes(1L << 30))
                    .build());
    byte[] block = new byte[16 + 65_536];
    for (int index = 16; index < block.length; index++) {
      block[index] = (byte) (index - 16);
    }
    CRC32C written = new CRC32C();
    for (int number = 0; number < blocks; number++) {
      System.arraycopy("%016d".formatted(number).getBytes(US_ASCII), 0, block, 0, 16);
      written.update(block);
    }

    CRC32C read = new CRC32C();
    ExecutionEvent last = ExecutionEvent.getDefaultInstance();
    while (responses.hasNext()) {
      last = responses.next().getEvent();
      last.getOutput().getData().asReadOnlyByteBufferList().forEach(read::update);
    }

    assertThat(last.getCompleted().getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(last.getCompleted().getUsage().getStdoutBytes())
        .isEqualTo((long) blocks * block.length);
    assertThat(read.getValue()).isEqualTo(written.getValue());
  }
}
