package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class EventsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final int CHUNKS = 200;
  private static final ByteString CHUNK = ByteString.copyFrom(new byte[32 * 1024]);

  private static final ScriptedWorker worker = new ScriptedWorker();
  private static final Semaphore steps = new Semaphore(0);
  private static final AtomicInteger chunksWritten = new AtomicInteger();
  private static final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private static TestServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    worker
        .on(
            "steps",
            program -> {
              program.started();
              for (int step = 0; step < 3; step++) {
                steps.acquire();
                program.print("step " + step + "\n");
              }
              steps.acquire();
              program.succeed(Value.getDefaultInstance());
            })
        .on(
            "step and flood",
            program -> {
              program.started();
              steps.acquire();
              for (int chunk = 0; chunk < CHUNKS; chunk++) {
                program.print(CHUNK);
              }
              program.succeed(Value.getDefaultInstance());
            })
        .on(
            "floods",
            program -> {
              program.started();
              for (int chunk = 0; chunk < CHUNKS; chunk++) {
                program.print(CHUNK);
                chunksWritten.incrementAndGet();
              }
              program.succeed(Value.getDefaultInstance());
            });
    server =
        new TestServer(
            database.jdbi(),
            worker.channel(),
            ExecutionSettings.defaults().withHeartbeat(Duration.ofMillis(50)));
  }

  @AfterAll
  static void stop() {
    threads.shutdownNow();
    server.close();
    worker.close();
  }

  private static List<ExecutionEvent> withoutHeartbeats(List<ExecutionEvent> events) {
    return events.stream().filter(event -> !event.hasHeartbeat()).toList();
  }

  private static String accepted(Iterator<ExecuteProcedureResponse> responses) {
    return responses.next().getEvent().getAccepted().getExecutionId();
  }

  private static ExecutionEvent next(Iterator<ExecuteProcedureResponse> responses) {
    ExecutionEvent event = responses.next().getEvent();
    return event.hasHeartbeat() ? next(responses) : event;
  }

  @Test
  void outputIsSeenWhileTheProgramRunsAndWatchersSeeWhatTheCallerSees() {
    long id = server.procedure("goes step by step", "steps");
    Iterator<ExecuteProcedureResponse> caller = server.stub().executeProcedure(TestServer.call(id));
    String executionId = accepted(caller);
    List<ExecutionEvent> seen = new ArrayList<>();
    seen.add(next(caller));
    steps.release();
    seen.add(next(caller));
    assertThat(seen.getLast().getOutput().getData().toStringUtf8()).isEqualTo("step 0\n");

    List<CompletableFuture<List<ExecutionEvent>>> watchers = new ArrayList<>();
    for (int watcher = 0; watcher < 5; watcher++) {
      long after = watcher;
      watchers.add(
          CompletableFuture.supplyAsync(
              () -> withoutHeartbeats(server.watch(executionId, after)), threads));
    }
    steps.release(3);
    while (!seen.getLast().hasCompleted()) {
      seen.add(next(caller));
    }

    for (int watcher = 0; watcher < 5; watcher++) {
      List<ExecutionEvent> all = watchers.get(watcher).join();
      long after = watcher;
      assertThat(all)
          .filteredOn(event -> event.getSequence() > 1)
          .isEqualTo(seen.stream().filter(event -> event.getSequence() > after).toList());
    }
    assertThat(withoutHeartbeats(server.watch(executionId, 1))).isEqualTo(seen);
  }

  @Test
  void heartbeatsComeWhereNothingHappensAndAreNotStored() {
    long id = server.procedure("is silent", "steps");
    Iterator<ExecuteProcedureResponse> caller = server.stub().executeProcedure(TestServer.call(id));
    String executionId = accepted(caller);
    ExecutionEvent event = caller.next().getEvent();
    long last = event.getSequence();
    while (!event.hasHeartbeat()) {
      last = event.getSequence();
      event = caller.next().getEvent();
    }
    assertThat(event.getSequence()).isEqualTo(last);
    steps.release(4);
    caller.forEachRemaining(response -> {});

    assertThat(server.watch(executionId, 0)).noneMatch(ExecutionEvent::hasHeartbeat);
  }

  @Test
  void aCallerThatReadsSlowlyStopsTheProgram() throws InterruptedException {
    long id = server.procedure("floods its caller", "floods");
    chunksWritten.set(0);
    // A blocking stub asks for one message at a time.
    Iterator<ExecuteProcedureResponse> caller = server.stub().executeProcedure(TestServer.call(id));
    accepted(caller);
    int before;
    do {
      before = chunksWritten.get();
      Thread.sleep(300);
    } while (chunksWritten.get() != before);

    assertThat(chunksWritten.get())
        .as("windows of about 256 KiB and not the whole of 6.4 MiB")
        .isLessThan(CHUNKS / 2);
    long bytes = 0;
    while (caller.hasNext()) {
      bytes += caller.next().getEvent().getOutput().getData().size();
    }
    assertThat(bytes).isEqualTo((long) CHUNKS * CHUNK.size());
  }

  @Test
  void aWatcherThatDoesNotReadHoldsNobodyUpAndThenGetsWhatIsStored() {
    long id = server.procedure("has a slow watcher", "step and flood");
    Iterator<ExecuteProcedureResponse> caller = server.stub().executeProcedure(TestServer.call(id));
    String executionId = accepted(caller);
    var watcher =
        server
            .stub()
            .watchExecution(WatchExecutionRequest.newBuilder().setExecutionId(executionId).build());
    assertThat(watcher.next().getEvent().hasAccepted()).isTrue();

    steps.release();
    List<ExecutionEvent> seen = new ArrayList<>();
    caller.forEachRemaining(response -> seen.add(response.getEvent()));
    assertThat(seen.getLast().hasCompleted()).isTrue();
    List<ExecutionEvent> watched = new ArrayList<>();
    watcher.forEachRemaining(response -> watched.add(response.getEvent()));

    List<ExecutionEvent> events = withoutHeartbeats(watched);
    List<ExecutionEvent> stored = server.watch(executionId, 1);
    assertThat(events).isSubsetOf(withoutHeartbeats(seen)).doesNotHaveDuplicates();
    assertThat(events).isSortedAccordingTo(Comparator.comparingLong(ExecutionEvent::getSequence));
    assertThat(events).containsAll(stored);
    assertThat(events.getLast()).isEqualTo(seen.getLast());
  }

  @Test
  void storesOnlyTheFirstPartOfMuchOutputAndAlwaysTheOutcome() {
    long id = server.procedure("prints a lot", "floods");

    List<ExecutionEvent> live = withoutHeartbeats(server.execute(TestServer.call(id)));

    String executionId = live.getFirst().getAccepted().getExecutionId();
    List<ExecutionEvent> stored = server.watch(executionId, 0);
    Execution execution = server.get(executionId);
    assertThat(execution.getStoredOutputTruncated()).isTrue();
    assertThat(execution.getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(stored.getLast()).isEqualTo(live.getLast());
    assertThat(stored.subList(0, stored.size() - 1)).isEqualTo(live.subList(0, stored.size() - 1));
    assertThat(stored.stream().mapToLong(ExecutionEvent::getSerializedSize).sum())
        .isBetween(900_000L, 1_200_000L);
  }

  @Test
  void watchingRefusesWhatIsNoExecution() {
    assertThatThrownBy(() -> server.watch("0190b6a0-7e1c-7000-8000-000000000000", 0))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    assertThatThrownBy(() -> server.watch("1-1-1-1-1", 0))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure ->
                assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }
}
