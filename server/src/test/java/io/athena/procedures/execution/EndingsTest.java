package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.CancelExecutionRequest;
import io.athena.procedures.v1.ExecuteProcedureResponse;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.RunProcedureRequest;
import io.athena.procedures.v1.RunProcedureResponse;
import io.athena.sandbox.v1.RunRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** However a run ends, it has one row and one outcome. */
final class EndingsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final BlockingQueue<RunRequest> heard = new LinkedBlockingQueue<>();
  private final ScriptedWorker worker = new ScriptedWorker();
  private TestServer server;

  @BeforeEach
  void start() throws InterruptedException {
    worker
        .on(
            "listens",
            program -> {
              program.started();
              while (true) {
                RunRequest request = program.request();
                heard.add(request);
                if (request.hasCancel()) {
                  program.fail(FailureKind.FAILURE_KIND_CANCELLED, "killed");
                  return;
                }
                if (request.hasStdin()) {
                  program.print(request.getStdin());
                } else if (request.hasCloseStdin()) {
                  program.succeed(Value.newBuilder().setStringValue("end of input").build());
                  return;
                } else {
                  return;
                }
              }
            })
        .on(
            "odd result",
            program -> {
              program.started();
              program.succeed(
                  Value.newBuilder()
                      .setStructValue(
                          Struct.newBuilder()
                              .putFields(
                                  "a\0b", Value.newBuilder().setStringValue("\0\uFFFF").build()))
                      .build());
            })
        .on(
            "vanishes",
            program -> {
              program.started();
              worker.vanish();
            });
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
  }

  @AfterEach
  void stop() {
    server.close();
    worker.close();
    database.jdbi().useHandle(handle -> handle.execute("delete from procedure"));
  }

  private Execution awaitEnd(String executionId) {
    server.watch(executionId, 0);
    return server.get(executionId);
  }

  @Test
  void aLostWorkerIsAFailureOfItsOwnKindAndNoFaultOfTheCode() {
    long id = server.procedure("loses its worker", "vanishes");

    List<ExecutionEvent> events = server.execute(TestServer.call(id));

    ExecutionEvent.Completed completed = events.getLast().getCompleted();
    assertThat(completed.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
    assertThat(server.get(events.getFirst().getAccepted().getExecutionId()).getFailure())
        .isEqualTo(completed.getFailure());
    int noFaults =
        database
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        "select no_fault_count from version_stats where procedure_id = :id")
                    .bind("id", id)
                    .mapTo(Integer.class)
                    .one());
    assertThat(noFaults).isEqualTo(1);
  }

  @Test
  void cancelExecutionReturnsTheFinalStateWithTheReason() {
    long id = server.procedure("is cancelled", "listens");
    Iterator<ExecuteProcedureResponse> caller = server.stub().executeProcedure(TestServer.call(id));
    String executionId = caller.next().getEvent().getAccepted().getExecutionId();

    Execution ended =
        server
            .stub()
            .cancelExecution(
                CancelExecutionRequest.newBuilder()
                    .setExecutionId(executionId)
                    .setReason("not needed any more")
                    .build())
            .getExecution();

    assertThat(ended.getState()).isEqualTo(ExecutionState.EXECUTION_STATE_COMPLETED);
    assertThat(ended.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(ended.getFailure().getMessage()).contains("not needed any more");
    List<ExecutionEvent> events = new ArrayList<>();
    caller.forEachRemaining(response -> events.add(response.getEvent()));
    assertThat(events.getLast().getCompleted().getFailure()).isEqualTo(ended.getFailure());
    assertThat(
            server
                .stub()
                .cancelExecution(
                    CancelExecutionRequest.newBuilder().setExecutionId(executionId).build())
                .getExecution())
        .as("one that has ended is returned as it is")
        .isEqualTo(ended);
  }

  @Test
  void aCallerThatLeavesEndsItsRun() throws InterruptedException {
    long id = server.procedure("loses its caller", "listens");
    Context.CancellableContext call = Context.current().withCancellation();
    BlockingQueue<String> ids = new LinkedBlockingQueue<>();
    call.run(() ->
        ids.add(
            server
                .stub()
                .executeProcedure(TestServer.call(id))
                .next()
                .getEvent()
                .getAccepted()
                .getExecutionId()));
    String executionId = ids.take();

    call.cancel(null);

    Execution execution = awaitEnd(executionId);
    assertThat(execution.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isNotNull().matches(RunRequest::hasCancel);
  }

  @Test
  void aPassedDeadlineEndsTheRun() {
    long id = server.procedure("takes too long for its caller", "listens");
    List<String> ids = new ArrayList<>();

    assertThatThrownBy(() ->
            server
                .stub()
                .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                .executeProcedure(TestServer.call(id))
                .forEachRemaining(
                    response -> ids.add(response.getEvent().getAccepted().getExecutionId())))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure ->
                assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));

    Execution execution = awaitEnd(ids.getFirst());
    assertThat(execution.getOutcome()).isEqualTo(Outcome.OUTCOME_FAILURE);
    assertThat(execution.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
  }

  @Test
  void whatTextCannotHoldIsStoredAllTheSame() {
    long id = server.procedure("returns odd text", "odd result");

    List<ExecutionEvent> events = server.execute(TestServer.call(id));

    Execution execution = server.get(events.getFirst().getAccepted().getExecutionId());
    assertThat(execution.getOutcome()).isEqualTo(Outcome.OUTCOME_SUCCESS);
    assertThat(execution.getResult()).isEqualTo(events.getLast().getCompleted().getResult());
    assertThat(execution.getResult().getStructValue().getFieldsMap()).containsKey("a\0b");
  }

  @Test
  void runProcedureCarriesInputUntilItEnds() throws InterruptedException {
    Conversation conversation = new Conversation(server.procedure("reads", "listens"));

    conversation.say(RunProcedureRequest.newBuilder().setStdin(ByteString.copyFromUtf8("hello")));
    assertThat(conversation.next().hasAccepted()).isTrue();
    assertThat(conversation.next().hasStarted()).isTrue();
    assertThat(conversation.next().getOutput().getData().toStringUtf8()).isEqualTo("hello");
    conversation.requests.onCompleted();

    assertThat(conversation.next().getCompleted().getResult().getStringValue())
        .isEqualTo("end of input");
    assertThat(conversation.end.join()).isEqualTo(Status.Code.OK);
  }

  @Test
  void runProcedureIsCancelledByItsCaller() throws InterruptedException {
    Conversation conversation = new Conversation(server.procedure("is told to end", "listens"));
    assertThat(conversation.next().hasAccepted()).isTrue();
    assertThat(conversation.next().hasStarted()).isTrue();

    conversation.say(
        RunProcedureRequest.newBuilder()
            .setCancel(RunProcedureRequest.Cancel.getDefaultInstance()));

    assertThat(conversation.next().getCompleted().getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(conversation.end.join()).isEqualTo(Status.Code.OK);
  }

  @Test
  void runProcedureRefusesASecondStartTooMuchInputAndAnswersNobodyAskedFor() {
    long id = server.procedure("is strict about messages", "listens");
    Conversation twice = new Conversation(id);
    twice.say(RunProcedureRequest.newBuilder().setStart(TestServer.call(id)));
    assertThat(twice.end.join()).isEqualTo(Status.Code.INVALID_ARGUMENT);

    Conversation floods = new Conversation(id);
    floods.say(
        RunProcedureRequest.newBuilder().setStdin(ByteString.copyFrom(new byte[(1 << 20) + 1])));
    assertThat(floods.end.join()).isEqualTo(Status.Code.INVALID_ARGUMENT);

    Conversation answers = new Conversation(id);
    answers.say(
        RunProcedureRequest.newBuilder()
            .setToolResult(RunProcedureRequest.ToolResult.newBuilder().setCallId("1")));
    assertThat(answers.end.join()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private final class Conversation implements StreamObserver<RunProcedureResponse> {
    private final BlockingQueue<ExecutionEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status.Code> end = new CompletableFuture<>();
    private final StreamObserver<RunProcedureRequest> requests;

    Conversation(long procedureId) {
      requests = server.asyncStub().runProcedure(this);
      say(RunProcedureRequest.newBuilder().setStart(TestServer.call(procedureId)));
    }

    void say(RunProcedureRequest.Builder request) {
      requests.onNext(request.build());
    }

    ExecutionEvent next() throws InterruptedException {
      ExecutionEvent event = events.poll(20, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event came");
      }
      return event;
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
