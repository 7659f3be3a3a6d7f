package io.athena.procedures.error;

import java.util.Map;

/** The caller did not say who it is, or not believably. */
public final class UnauthenticatedException extends ServiceException {
  /** With a stable {@code reason}, a message for people, and values for programs. */
  public UnauthenticatedException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
  }
}
