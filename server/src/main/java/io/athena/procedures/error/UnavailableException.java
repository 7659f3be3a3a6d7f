package io.athena.procedures.error;

import java.util.Map;

/** The server cannot answer now, through no fault of the call. */
public final class UnavailableException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public UnavailableException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
