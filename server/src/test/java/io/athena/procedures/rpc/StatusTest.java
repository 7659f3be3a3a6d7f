package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(ServerConfig.Transport.class)
final class StatusTest {
  private final ServerConfig.Transport transport;
  private RunningServer running;

  StatusTest(ServerConfig.Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws Exception {
    running = RunningServer.start(transport);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private StatusRuntimeException failureOfCall() {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> running.blocking().getExecution(GetExecutionRequest.getDefaultInstance()));
  }

  private static com.google.rpc.Status detailsOf(StatusRuntimeException failure) {
    return Objects.requireNonNull(StatusProto.fromThrowable(failure));
  }

  private void answerWith(RuntimeException failure) {
    running.probe.unary =
        (request, answer) -> {
          throw failure;
        };
  }

  private void serverStillAnswers() {
    running.probe.unary =
        (request, answer) -> {
          answer.onNext(GetExecutionResponse.getDefaultInstance());
          answer.onCompleted();
        };
    assertThat(running.blocking().getExecution(GetExecutionRequest.getDefaultInstance()))
        .isEqualTo(GetExecutionResponse.getDefaultInstance());
  }

  @Test
  void anyCharacterInAStatusMessageReachesTheCaller() {
    String everything =
        "{\"json\": [1, 'two']}\t\n\r\\ <a&b> 100% ~^|`$@#!?*+;() "
            + "\u00e9\u00df\u4e2d\u6587 \ud83d\ude80 \u0001\u007f";
    for (String message :
        List.of(everything, everything.repeat(5), "{".repeat(300), "\u007f".repeat(100))) {
      answerWith(Status.FAILED_PRECONDITION.withDescription(message).asRuntimeException());
      StatusRuntimeException failure = failureOfCall();
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(failure.getStatus().getDescription()).isEqualTo(message);
    }
    serverStillAnswers();
  }

  @Test
  void asciiTrailersWithOddCharactersLeaveTheConnectionUsable() {
    Metadata trailers = new Metadata();
    Metadata.Key<String> key = Metadata.Key.of("x-detail", Metadata.ASCII_STRING_MARSHALLER);
    trailers.put(key, "{\"odd\": \"<value>\"} \\ ~ ^ | `".repeat(4));
    answerWith(Status.ABORTED.asRuntimeException(trailers));
    for (int repeat = 0; repeat < 3; repeat++) {
      assertThat(failureOfCall().getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    }
    serverStillAnswers();
  }

  @Test
  void aServiceExceptionBecomesItsStatusWithErrorInfo() throws Exception {
    answerWith(
        new NotFoundException(
            "PROCEDURE_NOT_FOUND", "procedure 42 does not exist", Map.of("procedure_id", "42")));
    StatusRuntimeException failure = failureOfCall();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(failure.getStatus().getDescription()).isEqualTo("procedure 42 does not exist");
    ErrorInfo info = detailsOf(failure).getDetails(0).unpack(ErrorInfo.class);
    assertThat(info.getDomain()).isEqualTo("procedures.athena");
    assertThat(info.getReason()).isEqualTo("PROCEDURE_NOT_FOUND");
    assertThat(info.getMetadataMap()).containsExactly(Map.entry("procedure_id", "42"));
  }

  @Test
  void aServiceExceptionGivenToOnErrorIsMappedAsWell() {
    running.probe.unary =
        (request, answer) ->
            answer.onError(new OverloadedException("BUSY", "busy", Duration.ofMillis(1_500)));
    assertThat(failureOfCall().getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void overloadSaysWhenToComeBack() throws Exception {
    answerWith(new OverloadedException("BUSY", "busy", Duration.ofMillis(1_500)));
    RetryInfo retry = detailsOf(failureOfCall()).getDetails(1).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(1);
    assertThat(retry.getRetryDelay().getNanos()).isEqualTo(500_000_000);
  }

  @Test
  void whatIsUnavailableForAKnownTimeSaysWhenToComeBack() throws Exception {
    answerWith(new UnavailableException("AWAY", "away", Map.of(), Duration.ofHours(2)));
    StatusRuntimeException failure = failureOfCall();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    RetryInfo retry = detailsOf(failure).getDetails(1).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(7_200);
  }

  @Test
  void manyViolationsAreCutToWhatATrailerMayHold() throws Exception {
    answerWith(
        new InvalidArgumentException(
            IntStream.range(0, 20)
                .mapToObj(index ->
                    new InvalidArgumentException.Violation(
                        "procedure.steps[" + index + "].description",
                        "is longer than 10,000 characters \u4e2d\u6587 ".repeat(8)))
                .toList()));
    StatusRuntimeException failure = failureOfCall();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    com.google.rpc.Status status = detailsOf(failure);
    assertThat(status.getSerializedSize()).isLessThan(2_048);
    BadRequest request = status.getDetails(1).unpack(BadRequest.class);
    assertThat(request.getFieldViolationsList()).isNotEmpty();
    assertThat(request.getFieldViolations(0).getField())
        .isEqualTo("procedure.steps[0].description");
    serverStillAnswers();
  }

  @Test
  void anUnexpectedExceptionIsInternalWithANumberAndWithoutItsText() {
    answerWith(new IllegalStateException("password=secret"));
    StatusRuntimeException failure = failureOfCall();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(failure.getStatus().getDescription())
        .contains("0000000000000abc")
        .doesNotContain("secret");
    serverStillAnswers();
  }

  @Test
  void evenAnErrorOfTheMachineEndsTheCallWithAStatus() {
    running.probe.unary =
        (request, answer) -> {
          throw new StackOverflowError();
        };
    assertThat(failureOfCall().getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    serverStillAnswers();
  }

  @Test
  void aLostDatabaseIsUnavailable() {
    running.probe.unary = (request, answer) -> answer.onError(new ConnectException("refused"));
    StatusRuntimeException failure = failureOfCall();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(failure.getStatus().getDescription()).isEqualTo("the database is down");
  }

  @Test
  void anUnknownMethodIsUnimplemented() {
    assertThat(
            catchThrowableOfType(
                    StatusRuntimeException.class,
                    () ->
                        io.athena.procedures.v1.ProcedureServiceGrpc.newBlockingStub(
                                running.channel)
                            .getProcedure(
                                io.athena.procedures.v1.GetProcedureRequest.getDefaultInstance()))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.UNIMPLEMENTED);
  }
}
