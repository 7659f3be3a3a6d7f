package io.athena.procedures.error;

import java.util.Map;

/** Something must be put right before the call can succeed; the message says what. */
public final class FailedPreconditionException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public FailedPreconditionException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
