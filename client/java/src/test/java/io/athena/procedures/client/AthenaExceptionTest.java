package io.athena.procedures.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import org.junit.jupiter.api.Test;

final class AthenaExceptionTest {
  @Test
  void tellsWhatTheServiceTold() {
    Status status =
        Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage("the name is empty")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("INVALID_PROCEDURE").build()))
            .addDetails(
                Any.pack(
                    BadRequest.newBuilder()
                        .addFieldViolations(
                            BadRequest.FieldViolation.newBuilder()
                                .setField("procedure.name")
                                .setDescription("1 to 200 characters"))
                        .build()))
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setNanos(250_000_000))
                        .build()))
            .build();
    AthenaException exception = AthenaException.from(StatusProto.toStatusException(status));
    assertThat(exception).hasMessage("the name is empty");
    assertThat(exception.code()).isEqualTo(io.grpc.Status.Code.INVALID_ARGUMENT);
    assertThat(exception.reason()).isEqualTo("INVALID_PROCEDURE");
    assertThat(exception.fieldViolations())
        .containsExactly(new FieldViolation("procedure.name", "1 to 200 characters"));
    assertThat(exception.retryDelay()).isEqualTo(java.time.Duration.ofMillis(250));
  }

  @Test
  void aFailureOfTheTransportHasNoReasonAndNamesItsCause() {
    AthenaException exception =
        AthenaException.from(
            io.grpc.Status.UNAVAILABLE
                .withDescription("io exception")
                .withCause(new java.io.IOException("connection refused"))
                .asException());
    assertThat(exception).hasMessage("io exception: connection refused");
    assertThat(exception.reason()).isEmpty();
    assertThat(exception.fieldViolations()).isEmpty();
    assertThat(exception.retryDelay()).isNull();
  }
}
