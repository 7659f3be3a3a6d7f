package io.athena.procedures.error;

import java.util.Map;

/** What was to be made is there already. */
public final class AlreadyExistsException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public AlreadyExistsException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
