package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureRequest.ToolResult;
import io.athena.procedures.v1.RunProcedureResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tools that the caller serves, called by programs in real containers. */
@Timeout(60)
final class ToolsTest {
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

  @Test
  void anAnswerOfAnyJsonArrivesInTheProgram() throws InterruptedException {
    Caller caller =
        new Caller(
            server.procedure(
                "asks",
                """
                from sandbox import tools

                def main():
                    whole = tools.call("math.double", n=21)
                    return [whole, type(whole).__name__, tools.lookup(key="ä", name="own")]
                """));

    Completed completed =
        caller.serve(call ->
            call.getName().equals("math.double")
                ? ToolResult.newBuilder()
                    .setValue(
                        number(2 * call.getArguments().getFieldsOrThrow("n").getNumberValue()))
                : ToolResult.newBuilder()
                    .setValue(Value.newBuilder().setStructValue(call.getArguments())));

    assertThat(completed.getFailure().getMessage()).isEmpty();
    assertThat(completed.getResult().getListValue().getValuesList())
        .containsExactly(
            number(42),
            text("int"),
            Value.newBuilder()
                .setStructValue(
                    Struct.newBuilder().putFields("key", text("ä")).putFields("name", text("own")))
                .build());
    assertThat(caller.end.join()).isEqualTo(Status.Code.OK);
  }

  @Test
  void anErrorOfTheToolIsRaisedAndCanBeCaught() throws InterruptedException {
    Caller caller =
        new Caller(
            server.procedure(
                "catches",
                """
                import sandbox

                def main():
                    try:
                        sandbox.tools.call("door.open")
                    except sandbox.ToolError as error:
                        return str(error)
                """));

    Completed completed = caller.serve(call -> ToolResult.newBuilder().setError("it is locked"));

    assertThat(completed.getResult()).isEqualTo(text("door.open: it is locked"));
  }

  @Test
  void callsOfSeveralThreadsEachGetTheirAnswer() throws InterruptedException {
    Caller caller =
        new Caller(
            server.procedure(
                "asks from threads",
                """
                from concurrent.futures import ThreadPoolExecutor
                from sandbox import tools

                def main():
                    with ThreadPoolExecutor(8) as pool:
                        return list(pool.map(lambda n: tools.echo(n=n), range(50)))
                """));

    Completed completed =
        caller.serve(
            call -> ToolResult.newBuilder().setValue(call.getArguments().getFieldsOrThrow("n")));

    assertThat(completed.getResult().getListValue().getValuesList())
        .extracting(Value::getNumberValue)
        .containsExactly(
            java.util.stream.IntStream.range(0, 50)
                .mapToObj(n -> (double) n)
                .toArray(Double[]::new));
  }

  @Test
  void whereNobodyServesToolsACallRaisesAtOnce() {
    long id =
        server.procedure(
            "asks nobody", "import sandbox\ndef main():\n    sandbox.tools.call('git.push')\n");

    Completed completed = server.execute(TestServer.call(id)).getLast().getCompleted();

    assertThat(completed.getFailure().getExceptionType()).isEqualTo("sandbox.ToolError");
    assertThat(completed.getFailure().getMessage()).contains("git.push").contains("RunProcedure");
  }

  @Test
  void aCallerThatSaysNoMoreLeavesNoCallWaiting() throws InterruptedException {
    Caller caller =
        new Caller(
            server.procedure(
                "is left", "import sandbox\ndef main():\n    sandbox.tools.call('git.push')\n"));
    while (!caller.next().hasToolCall()) {
      // Accepted and Started come first.
    }

    caller.requests.onCompleted();

    assertThat(caller.next().getCompleted().getFailure().getExceptionType())
        .isEqualTo("sandbox.ToolError");
  }

  @Test
  void aProgramThatWaitsForAToolIsEndedByItsTimeLimitAndALateAnswerDoesNoHarm()
      throws InterruptedException {
    long id =
        server.procedure(
            "waits", "import sandbox\ndef main():\n    sandbox.tools.call('slow.tool')\n");
    Caller caller =
        new Caller(
            TestServer.call(id).toBuilder()
                .setLimits(ExecutionLimits.newBuilder().setWallTime(Durations.fromMillis(500)))
                .build());

    ExecutionEvent event = caller.next();
    String call = "";
    while (!event.hasCompleted()) {
      call = event.hasToolCall() ? event.getToolCall().getCallId() : call;
      event = caller.next();
    }

    assertThat(event.getCompleted().getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_TIMEOUT);
    assertThat(call).isNotEmpty();
    assertThat(caller.end.join()).isEqualTo(Status.Code.OK);
  }

  @Test
  void anAnswerToNoCallIsRefused() throws InterruptedException {
    Caller caller =
        new Caller(
            server.procedure(
                "is answered unasked", "import sys\ndef main():\n    sys.stdin.read()\n"));
    while (!caller.next().hasStarted()) {
      // Accepted comes first.
    }

    caller.requests.onNext(
        RunProcedureRequest.newBuilder()
            .setToolResult(ToolResult.newBuilder().setCallId("7").setError("x"))
            .build());

    assertThat(caller.end.join()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static final class Caller implements StreamObserver<RunProcedureResponse> {
    private final BlockingQueue<ExecutionEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status.Code> end = new CompletableFuture<>();
    private final StreamObserver<RunProcedureRequest> requests;

    Caller(long procedureId) {
      this(TestServer.call(procedureId));
    }

    Caller(ExecuteProcedureRequest start) {
      requests = server.asyncStub().runProcedure(this);
      requests.onNext(RunProcedureRequest.newBuilder().setStart(start).build());
    }

    ExecutionEvent next() throws InterruptedException {
      ExecutionEvent event = events.poll(30, TimeUnit.SECONDS);
      assertThat(event).isNotNull();
      return event;
    }

    /** Answers every call; gives the end. */
    Completed serve(Function<ToolCall, ToolResult.Builder> tools) throws InterruptedException {
      while (true) {
        ExecutionEvent event = next();
        if (event.hasToolCall()) {
          requests.onNext(
              RunProcedureRequest.newBuilder()
                  .setToolResult(
                      tools.apply(event.getToolCall()).setCallId(event.getToolCall().getCallId()))
                  .build());
        }
        if (event.hasCompleted()) {
          return event.getCompleted();
        }
      }
    }

    @Override
    public void onNext(RunProcedureResponse response) {
      events.add(response.getEvent());
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure).getCode());
    }

    @Override
    public void onCompleted() {
      end.complete(Status.Code.OK);
    }
  }
}
