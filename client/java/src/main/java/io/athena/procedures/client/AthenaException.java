package io.athena.procedures.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed: the service refused it, or could not be reached.
 *
 * <p>What a procedure's own code does wrong is not an exception but the outcome of its execution.
 */
public final class AthenaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String reason;
  private final transient List<FieldViolation> fieldViolations;
  private final @Nullable Duration retryDelay;

  AthenaException(
      Status.Code code,
      String message,
      String reason,
      List<FieldViolation> fieldViolations,
      @Nullable Duration retryDelay,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.fieldViolations = List.copyOf(fieldViolations);
    this.retryDelay = retryDelay;
  }

  /** The status of the call, never {@code OK}. */
  public Status.Code code() {
    return code;
  }

  /**
   * The service's stable reason in UPPER_SNAKE_CASE, such as {@code ETAG_MISMATCH}; empty if the
   * failure did not come from the service.
   */
  public String reason() {
    return reason;
  }

  /** The fields that broke a rule, or the places in code; empty if the failure is about none. */
  public List<FieldViolation> fieldViolations() {
    return fieldViolations;
  }

  /** How long the service asks to wait before the call is repeated; null if it does not say. */
  public @Nullable Duration retryDelay() {
    return retryDelay;
  }

  static AthenaException from(StatusException failure) {
    Status status = failure.getStatus();
    String message =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      message = message + ": " + cause.getMessage();
    }
    String reason = "";
    List<FieldViolation> violations = new ArrayList<>();
    Duration retryDelay = null;
    for (Any detail : details(status, failure.getTrailers())) {
      try {
        if (detail.is(ErrorInfo.class)) {
          reason = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(BadRequest.class)) {
          detail
              .unpack(BadRequest.class)
              .getFieldViolationsList()
              .forEach(v -> violations.add(new FieldViolation(v.getField(), v.getDescription())));
        } else if (detail.is(PreconditionFailure.class)) {
          detail
              .unpack(PreconditionFailure.class)
              .getViolationsList()
              .forEach(v -> violations.add(FieldViolation.of(v)));
        } else if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      } catch (InvalidProtocolBufferException e) {
        // The status itself tells enough; a detail that cannot be read must not hide it.
        failure.addSuppressed(e);
      }
    }
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && reason.isEmpty()) {
      // What gRPC itself says is about its own affairs; it stays with the cause.
      message = "the service did not answer within the time that the call had";
    }
    return new AthenaException(status.getCode(), message, reason, violations, retryDelay, failure);
  }

  private static List<Any> details(Status status, @Nullable Metadata trailers) {
    com.google.rpc.Status rich =
        trailers == null ? null : StatusProto.fromStatusAndTrailers(status, trailers);
    return rich == null ? List.of() : rich.getDetailsList();
  }
}
