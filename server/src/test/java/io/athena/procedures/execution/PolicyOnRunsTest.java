package io.athena.procedures.execution;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.PreconditionFailure;
import io.athena.procedures.code.RunVerdicts;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.RunPolicy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Runs of code that was saved under one policy and is to run under another, by each of the calls.
 */
final class PolicyOnRunsTest {
  private static final String FORBIDDEN = "import ctypes\n";

  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static RealWorker worker;
  private static ProjectPolicies policies;
  private static RunPolicy judge;

  @BeforeAll
  static void start() {
    worker = new RealWorker();
    policies = new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "somebody");
    judge =
        new RunPolicy(
            List.of(worker.channel()),
            policies,
            id -> database.jdbi().withHandle(handle -> Procedures.get(handle, id)),
            new RunVerdicts(database.jdbi()));
  }

  @AfterAll
  static void stop() throws IOException {
    worker.close();
  }

  @AfterEach
  void takePolicyAway() {
    policies.set(SetValidationPolicyRequest.getDefaultInstance());
  }

  @Test
  void codeThatThePolicyForbidsNowDoesNotRun() throws InterruptedException {
    try (TestServer server = server(4)) {
      long id = server.procedure("was fine once", FORBIDDEN);
      assertThat(server.execute(TestServer.call(id)).getLast().getCompleted().getOutcome())
          .isEqualTo(Outcome.OUTCOME_SUCCESS);

      enforce();

      assertRefused(() -> server.execute(TestServer.call(id)));
      assertRefused(() ->
          server
              .stub()
              .submitExecution(
                  SubmitExecutionRequest.newBuilder().setExecution(TestServer.call(id)).build()));
      long harmless = server.procedure("is fine", "result = 1\n");
      assertThat(server.execute(TestServer.call(harmless)).getLast().getCompleted().getOutcome())
          .isEqualTo(Outcome.OUTCOME_SUCCESS);
    }
  }

  @Test
  void whatWaitsIsJudgedOnceMoreBeforeItStarts() throws InterruptedException {
    String waiting;
    try (TestServer server = server(0)) {
      long id = server.procedure("waits for a policy", FORBIDDEN);
      waiting =
          server
              .stub()
              .submitExecution(
                  SubmitExecutionRequest.newBuilder().setExecution(TestServer.call(id)).build())
              .getExecution()
              .getExecutionId();
    }
    enforce();

    try (TestServer server = server(1)) {
      List<ExecutionEvent> events = server.watch(waiting, 0);

      assertThat(events)
          .extracting(ExecutionEvent::getEventCase)
          .containsExactly(ExecutionEvent.EventCase.ACCEPTED, ExecutionEvent.EventCase.COMPLETED);
      Failure failure = events.getLast().getCompleted().getFailure();
      assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
      assertThat(failure.getMessage()).contains("line 1: module ctypes is forbidden");
    }
  }

  private static TestServer server(int queuedRuns) throws InterruptedException {
    return new TestServer(
        database.jdbi(),
        worker.channel(),
        ExecutionSettings.defaults().withQueuedRuns(queuedRuns),
        "netty",
        judge);
  }

  private static void enforce() {
    Struct.Builder document = Struct.newBuilder();
    try {
      JsonFormat.parser()
          .merge("{\"extends\": \"default\", \"on_execute\": \"enforce\"}", document);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    policies.set(SetValidationPolicyRequest.newBuilder().setDocument(document).build());
  }

  private static void assertRefused(ThrowingCallable call) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(requireNonNull(StatusProto.fromThrowable(refusal)).getDetailsList())
        .filteredOn(detail -> detail.is(PreconditionFailure.class))
        .singleElement()
        .satisfies(detail ->
            assertThat(detail.unpack(PreconditionFailure.class).getViolationsList())
                .singleElement()
                .satisfies(violation -> {
                  assertThat(violation.getType()).isEqualTo("forbidden-module");
                  assertThat(violation.getSubject()).isEqualTo("line 1");
                }));
  }
}
