package io.athena.procedures.execution;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells callers why no worker would start their program. */
final class Refusals {
  private static final Duration SOON = Duration.ofSeconds(1);

  private Refusals() {}

  static ServiceException of(Status status, @Nullable Metadata trailers) {
    com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
    String message =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          new OverloadedException(reason(details, "WORKERS_BUSY"), message, retryAfter(details));
      case FAILED_PRECONDITION ->
          new FailedPreconditionException(
              reason(details, "ISOLATION_UNAVAILABLE"), message, Map.of());
      case NOT_FOUND ->
          new NotFoundException(reason(details, "ENVIRONMENT_NOT_FOUND"), message, Map.of());
      case INVALID_ARGUMENT -> new InvalidArgumentException("execution", message);
      case OK,
          CANCELLED,
          UNKNOWN,
          DEADLINE_EXCEEDED,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS,
          UNAUTHENTICATED ->
          new UnavailableException(
              reason(details, "WORKER_UNAVAILABLE"),
              "no sandbox worker could take the run ("
                  + status.getCode()
                  + ": "
                  + message
                  + "); nothing was recorded, and the call can be repeated",
              Map.of());
    };
  }

  private static String reason(com.google.rpc.Status details, String otherwise) {
    for (Any detail : details.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException damaged) {
          return otherwise;
        }
      }
    }
    return otherwise;
  }

  private static Duration retryAfter(com.google.rpc.Status details) {
    for (Any detail : details.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        try {
          return Duration.ofNanos(
              Math.max(1, Durations.toNanos(detail.unpack(RetryInfo.class).getRetryDelay())));
        } catch (InvalidProtocolBufferException damaged) {
          return SOON;
        }
      }
    }
    return SOON;
  }
}
