package io.athena.procedures.error;

import java.util.Map;

/** The object does not exist; the message says what is near. */
public final class NotFoundException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public NotFoundException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
