package io.athena.procedures.sandbox;

/** The request cannot be run as it is. */
final class InvalidRunException extends SandboxException {
  InvalidRunException(String message) {
    super(message);
  }
}
