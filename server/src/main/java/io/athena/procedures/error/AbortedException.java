package io.athena.procedures.error;

import java.util.Map;

/**
 * The object changed since the caller saw it; reading it again and repeating the call may succeed.
 */
public final class AbortedException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public AbortedException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
