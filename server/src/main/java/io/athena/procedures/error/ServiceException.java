package io.athena.procedures.error;

import java.util.Map;

/**
 * A call that cannot be done, for a reason its caller can understand and act on.
 *
 * <p>The message is shown to callers: it names the object and what to do, and holds no secret.
 */
public abstract sealed class ServiceException extends RuntimeException
    permits AbortedException,
        AlreadyExistsException,
        FailedPreconditionException,
        InvalidArgumentException,
        NotFoundException,
        OverloadedException,
        UnauthenticatedException,
        UnavailableException {

  private final String reason;
  private final Map<String, String> metadata;

  ServiceException(String reason, String message, Map<String, String> metadata) {
    super(message);
    this.reason = reason;
    this.metadata = Map.copyOf(metadata);
  }

  /** Stable reason in UPPER_SNAKE_CASE, the {@code reason} of {@code google.rpc.ErrorInfo}. */
  public final String reason() {
    return reason;
  }

  /**
   * Values for programs, such as {@code procedure_id}; the {@code metadata} of {@code
   * google.rpc.ErrorInfo}.
   */
  public final Map<String, String> metadata() {
    return metadata;
  }
}
