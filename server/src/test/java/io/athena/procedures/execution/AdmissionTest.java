package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.InputFile;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class AdmissionTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final ScriptedWorker worker = new ScriptedWorker();
  private static final AtomicReference<ExecutionLimits> seenLimits =
      new AtomicReference<>(ExecutionLimits.getDefaultInstance());
  private static final Semaphore mayEnd = new Semaphore(0);
  private static TestServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    worker
        .on(
            "echo",
            program -> {
              program.started();
              seenLimits.set(program.start().getLimits());
              program.succeed(
                  Value.newBuilder().setStructValue(program.start().getParameters()).build());
            })
        .on(
            "waits",
            program -> {
              program.started();
              mayEnd.acquire();
              program.succeed(Value.getDefaultInstance());
            })
        .on(
            "busy",
            program ->
                program.refuse(
                    StatusProto.toStatusRuntimeException(
                        com.google.rpc.Status.newBuilder()
                            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
                            .setMessage("all 2 slots are taken")
                            .addDetails(
                                Any.pack(
                                    RetryInfo.newBuilder()
                                        .setRetryDelay(Duration.newBuilder().setSeconds(3))
                                        .build()))
                            .build())))
        .on(
            "no isolation",
            program ->
                program.refuse(
                    StatusProto.toStatusRuntimeException(
                        com.google.rpc.Status.newBuilder()
                            .setCode(Code.FAILED_PRECONDITION_VALUE)
                            .setMessage("runc is missing: apt-get install runc")
                            .addDetails(
                                Any.pack(
                                    ErrorInfo.newBuilder()
                                        .setReason("ISOLATION_UNAVAILABLE")
                                        .build()))
                            .build())));
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
  }

  @AfterAll
  static void stop() {
    server.close();
    worker.close();
  }

  private static Parameter parameter(String name, ParameterType type) {
    return Parameter.newBuilder().setName(name).setType(type).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static StatusRuntimeException refusal(ExecuteProcedureRequest request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> server.execute(request));
  }

  private static com.google.rpc.Status details(StatusRuntimeException refusal) {
    return Objects.requireNonNull(StatusProto.fromThrowable(refusal), "no details");
  }

  private static List<BadRequest.FieldViolation> violations(StatusRuntimeException refusal) {
    for (Any detail : details(refusal).getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        try {
          return detail.unpack(BadRequest.class).getFieldViolationsList();
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    return List.of();
  }

  private static int rows(long procedureId) {
    return server
        .stub()
        .listExecutions(ListExecutionsRequest.newBuilder().setProcedureId(procedureId).build())
        .getExecutionsCount();
  }

  @Test
  void fillsInDefaultsOfParametersAndLimits() {
    long id =
        server.procedure(
            "has defaults",
            "echo",
            parameter("given", ParameterType.PARAMETER_TYPE_STRING),
            parameter("left_out", ParameterType.PARAMETER_TYPE_STRING),
            parameter("defaulted", ParameterType.PARAMETER_TYPE_INTEGER).toBuilder()
                .setDefaultValue(number(7))
                .build());

    List<ExecutionEvent> events =
        server.execute(
            ExecuteProcedureRequest.newBuilder()
                .setProcedureId(id)
                .setParameters(Struct.newBuilder().putFields("given", text("x")))
                .setLimits(ExecutionLimits.newBuilder().setMemoryBytes(32 << 20))
                .build());

    Struct expected =
        Struct.newBuilder().putFields("given", text("x")).putFields("defaulted", number(7)).build();
    assertThat(events.getLast().getCompleted().getResult().getStructValue()).isEqualTo(expected);
    Execution execution = server.get(events.getFirst().getAccepted().getExecutionId());
    assertThat(execution.getParameters()).isEqualTo(expected);
    assertThat(execution.getLimits()).isEqualTo(seenLimits.get());
    assertThat(execution.getLimits().getWallTime().getSeconds()).isEqualTo(30);
    assertThat(execution.getLimits().getCpuTime().getSeconds()).isEqualTo(30);
    assertThat(execution.getLimits().getDiskBytes())
        .as("never above the memory")
        .isEqualTo(32 << 20);
  }

  @Test
  void namesEverythingThatIsWrongAtOnceAndStartsNothing() {
    long id =
        server.procedure(
            "is strict",
            "echo",
            parameter("needed", ParameterType.PARAMETER_TYPE_STRING).toBuilder()
                .setRequired(true)
                .build(),
            parameter("whole", ParameterType.PARAMETER_TYPE_INTEGER),
            parameter("finite", ParameterType.PARAMETER_TYPE_NUMBER),
            parameter("clean", ParameterType.PARAMETER_TYPE_STRING),
            parameter("flat", ParameterType.PARAMETER_TYPE_ARRAY));
    Value deep = number(1);
    for (int level = 0; level < 33; level++) {
      deep = Value.newBuilder().setListValue(ListValue.newBuilder().addValues(deep)).build();
    }
    int before = worker.starts();

    StatusRuntimeException refusal =
        refusal(
            ExecuteProcedureRequest.newBuilder()
                .setProcedureId(id)
                .setParameters(
                    Struct.newBuilder()
                        .putFields("whole", number(9007199254740994.0))
                        .putFields("finite", number(Double.NaN))
                        .putFields("clean", text("a\0b"))
                        .putFields("flat", deep)
                        .putFields("unheard_of", number(1)))
                .setLimits(
                    ExecutionLimits.newBuilder()
                        .setWallTime(Duration.newBuilder().setSeconds(-1))
                        .setMemoryBytes(-5)
                        .setProcesses(513))
                .addInputFiles(InputFile.newBuilder().setName("../etc/passwd"))
                .addInputFiles(InputFile.newBuilder().setName("a/b"))
                .addInputFiles(InputFile.newBuilder().setName("a"))
                .build());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(violations(refusal))
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactlyInAnyOrder(
            "parameters.needed",
            "parameters.whole",
            "parameters.finite",
            "parameters.clean",
            "parameters.flat",
            "parameters.unheard_of",
            "limits.wall_time",
            "limits.memory_bytes",
            "limits.processes",
            "input_files[0].name",
            "input_files[2].name");
    assertThat(refusal.getStatus().getDescription()).contains("at most 3600 s", "from 1 to 512");
    assertThat(rows(id)).isZero();
    assertThat(worker.starts()).isEqualTo(before);
  }

  @Test
  void refusesParametersBeyondOneMebibyte() {
    long id =
        server.procedure(
            "takes much", "echo", parameter("much", ParameterType.PARAMETER_TYPE_STRING));

    StatusRuntimeException refusal =
        refusal(
            ExecuteProcedureRequest.newBuilder()
                .setProcedureId(id)
                .setParameters(Struct.newBuilder().putFields("much", text("x".repeat(1 << 20))))
                .build());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription()).contains("1048576");
  }

  @Test
  void leavesNoRowOfARunThatNoWorkerTakes() {
    long busy = server.procedure("meets busy workers", "busy");
    long unsafe = server.procedure("meets no isolation", "no isolation");

    StatusRuntimeException busyRefusal = refusal(TestServer.call(busy));
    StatusRuntimeException unsafeRefusal = refusal(TestServer.call(unsafe));

    assertThat(busyRefusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(unsafeRefusal.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(unsafeRefusal.getStatus().getDescription()).contains("apt-get install runc");
    assertThat(rows(busy)).isZero();
    assertThat(rows(unsafe)).isZero();
  }

  @Test
  void aRefusedRequestIdCanBeUsedAgain() {
    long id = server.procedure("is busy at first", "busy");
    ExecuteProcedureRequest request = TestServer.call(id).toBuilder().setRequestId("again").build();

    assertThat(refusal(request).getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal(request).getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aRepeatedRequestFollowsTheFirstRunAndNeverRunsTwice() throws InterruptedException {
    long id = server.procedure("runs once", "waits");
    ExecuteProcedureRequest request =
        TestServer.call(id).toBuilder().setRequestId("only-once").build();
    int before = worker.starts();
    int callers = 8;
    CountDownLatch done = new CountDownLatch(callers);
    List<List<ExecutionEvent>> seen = Collections.synchronizedList(new ArrayList<>());

    for (int caller = 0; caller < callers; caller++) {
      Thread.ofVirtual()
          .start(() -> {
            seen.add(server.execute(request));
            done.countDown();
          });
    }
    mayEnd.release();
    done.await();
    seen.add(server.execute(request));

    assertThat(worker.starts() - before).isEqualTo(1);
    assertThat(rows(id)).isEqualTo(1);
    assertThat(new HashSet<>(seen)).hasSize(1);
    assertThat(seen.getFirst().getLast().getCompleted().getOutcome())
        .isEqualTo(Outcome.OUTCOME_SUCCESS);
  }

  @Test
  void anotherRequestWithTheSameIdIsRefused() {
    long one = server.procedure("one", "echo");
    long other = server.procedure("other", "echo");
    server.execute(TestServer.call(one).toBuilder().setRequestId("taken").build());

    StatusRuntimeException refusal =
        refusal(TestServer.call(other).toBuilder().setRequestId("taken").build());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(details(refusal).getDetails(0).toString()).contains("REQUEST_ID_REUSED");
  }
}
