package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import com.google.rpc.RetryInfo;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.execution.ExecutionSettings.Sharing.Places;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No project has more runs at a time than it may. */
@Timeout(60)
final class ProjectPlacesTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Semaphore mayEnd = new Semaphore(0);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  private final ScriptedWorker worker = new ScriptedWorker();

  @BeforeEach
  void scripts() {
    worker.on(
        "waits",
        program -> {
          program.started();
          mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
          mayEnd.acquire();
          running.decrementAndGet();
          program.succeed(Value.getDefaultInstance());
        });
    worker.on(
        "ends",
        program -> {
          program.started();
          program.succeed(Value.getDefaultInstance());
        });
  }

  @AfterEach
  void clean() {
    worker.close();
    database.jdbi().useHandle(handle -> handle.execute("delete from procedure"));
  }

  private TestServer server(Places places) throws InterruptedException {
    return new TestServer(
        database.jdbi(),
        worker.channel(),
        ExecutionSettings.defaults().withQueuedRuns(8).withPlaces(places));
  }

  private static long inOtherProject(TestServer server, String code) {
    long id = server.procedure("elsewhere", code);
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute("update procedure set project = 'other' where procedure_id = ?", id));
    return id;
  }

  /** Begins a run and returns when its program runs. */
  private static Iterator<ExecuteProcedureResponse> begin(TestServer server, long id) {
    Iterator<ExecuteProcedureResponse> events = server.stub().executeProcedure(TestServer.call(id));
    while (!events.next().getEvent().hasStarted()) {
      // What comes before it.
    }
    return events;
  }

  private static Outcome end(Iterator<ExecuteProcedureResponse> events) {
    ExecutionEvent last = ExecutionEvent.getDefaultInstance();
    while (events.hasNext()) {
      last = events.next().getEvent();
    }
    return last.getCompleted().getOutcome();
  }

  @Test
  void aCallBeyondThemIsRefusedWithATimeToRepeatItAndOthersAreNot() throws Exception {
    try (TestServer server = server(new Places(1, 0, Duration.ofSeconds(30)))) {
      long id = server.procedure("is limited", "waits");
      long other = inOtherProject(server, "ends");
      Iterator<ExecuteProcedureResponse> first = begin(server, id);

      assertThatThrownBy(() -> server.execute(TestServer.call(id)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refusal -> {
                assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(refusal.getStatus().getDescription())
                    .contains("project 'default' has 1 runs under way");
                assertThat(
                        Objects.requireNonNull(StatusProto.fromThrowable(refusal))
                            .getDetailsList()
                            .stream()
                            .filter(detail -> detail.is(RetryInfo.class)))
                    .hasSize(1);
              });
      assertThat(server.execute(TestServer.call(other)).getLast().getCompleted().getOutcome())
          .isEqualTo(Outcome.OUTCOME_SUCCESS);

      mayEnd.release(2);
      assertThat(end(first)).isEqualTo(Outcome.OUTCOME_SUCCESS);
      assertThat(end(begin(server, id))).isEqualTo(Outcome.OUTCOME_SUCCESS);
    }
  }

  @Test
  void callsWaitForAPlaceAndAllGetOne() throws Exception {
    try (TestServer server = server(new Places(2, 100, Duration.ofSeconds(30)));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      long id = server.procedure("is crowded", "waits");
      List<Future<List<ExecutionEvent>>> calls = new ArrayList<>();
      for (int call = 0; call < 8; call++) {
        calls.add(callers.submit(() -> server.execute(TestServer.call(id))));
      }
      mayEnd.release(8);

      for (Future<List<ExecutionEvent>> call : calls) {
        assertThat(call.get().getLast().getCompleted().getOutcome())
            .isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      assertThat(mostRunning.get()).isBetween(1, 2);
    }
  }

  @Test
  void whoWaitsTooLongIsRefused() throws Exception {
    ProjectPlaces places = new ProjectPlaces(new Places(1, 10, Duration.ofMillis(50)));
    places.take("p");

    assertThatThrownBy(() -> places.take("p"))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("none ended within");
    assertThat(places.full()).containsExactly("p");
    places.release("p");
    assertThat(places.full()).isEmpty();
    places.take("p");
  }

  @Test
  void submittedRunsOfAFullProjectWaitAndOthersOvertakeThem() throws Exception {
    try (TestServer server = server(new Places(1, 0, Duration.ofSeconds(30)))) {
      long id = server.procedure("is submitted", "waits");
      long other = inOtherProject(server, "ends");
      List<String> ids = new ArrayList<>();
      for (int run = 0; run < 4; run++) {
        ids.add(submit(server, id));
      }

      String overtaking = submit(server, other);

      assertThat(server.watch(overtaking, 0).getLast().getCompleted().getOutcome())
          .isEqualTo(Outcome.OUTCOME_SUCCESS);
      assertThat(ids)
          .extracting(each -> server.get(each).getState())
          .doesNotContain(ExecutionState.EXECUTION_STATE_COMPLETED);
      mayEnd.release(4);
      for (String each : ids) {
        assertThat(server.watch(each, 0).getLast().getCompleted().getOutcome())
            .isEqualTo(Outcome.OUTCOME_SUCCESS);
      }
      assertThat(mostRunning.get()).isEqualTo(1);
    }
  }

  private static String submit(TestServer server, long id) {
    return server
        .stub()
        .submitExecution(
            SubmitExecutionRequest.newBuilder().setExecution(TestServer.call(id)).build())
        .getExecution()
        .getExecutionId();
  }
}
