package io.athena.procedures.rpc;

import com.google.rpc.Code;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnauthenticatedException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one table from exceptions to gRPC status. Thread-safe. */
public final class StatusMapping {
  private static final Logger log = LoggerFactory.getLogger(StatusMapping.class);

  private final Function<Throwable, @Nullable ServiceException> translation;
  private final LongSupplier incidents;

  /**
   * With what the program knows of its libraries.
   *
   * @param translation what the caller should be told of an exception that is not its own fault,
   *     such as a lost database; null if there is nothing to tell
   * @param incidents ids under which unexpected exceptions are logged
   */
  public StatusMapping(
      Function<Throwable, @Nullable ServiceException> translation, LongSupplier incidents) {
    this.translation = translation;
    this.incidents = incidents;
  }

  /**
   * Gives the status for a call that threw.
   *
   * @param method full name, for the log
   */
  StatusRuntimeException map(Throwable failure, String method) {
    return switch (failure) {
      case ServiceException expected -> map(expected);
      case StatusRuntimeException status -> status;
      case StatusException status ->
          new StatusRuntimeException(status.getStatus(), status.getTrailers());
      default -> unexpected(failure, method);
    };
  }

  private StatusRuntimeException unexpected(Throwable failure, String method) {
    @Nullable ServiceException translated = translation.apply(failure);
    if (translated != null) {
      log.warn("{}: {} ({})", method, translated.getMessage(), failure.toString());
      return map(translated);
    }
    String incident = HexFormat.of().toHexDigits(incidents.getAsLong());
    log.error("{}: internal error {}", method, incident, failure);
    return Details.of(
        Code.INTERNAL,
        "internal error " + incident + "; the server's log says more under this number",
        "INTERNAL",
        java.util.Map.of("incident", incident));
  }

  private static StatusRuntimeException map(ServiceException failure) {
    return switch (failure) {
      case AbortedException aborted -> Details.of(Code.ABORTED, aborted);
      case AlreadyExistsException exists -> Details.of(Code.ALREADY_EXISTS, exists);
      case FailedPreconditionException failed -> Details.of(failed, failed.violations());
      case InvalidArgumentException invalid -> Details.of(invalid, invalid.violations());
      case NotFoundException missing -> Details.of(Code.NOT_FOUND, missing);
      case OverloadedException overloaded ->
          Details.of(Code.RESOURCE_EXHAUSTED, overloaded, overloaded.retryAfter());
      case UnauthenticatedException stranger -> Details.of(Code.UNAUTHENTICATED, stranger);
      case UnavailableException unavailable ->
          unavailable
              .retryAfter()
              .map(wait -> Details.of(Code.UNAVAILABLE, unavailable, wait))
              .orElseGet(() -> Details.of(Code.UNAVAILABLE, unavailable));
    };
  }

  /** If a handler closed its call with an exception, as {@code onError} does. */
  @Nullable Throwable causeToMap(Status status) {
    return status.getCode() == Status.Code.UNKNOWN ? status.getCause() : null;
  }
}
