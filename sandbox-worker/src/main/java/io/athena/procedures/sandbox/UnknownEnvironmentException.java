package io.athena.procedures.sandbox;

/** The worker has no such environment; the message names those it has. */
final class UnknownEnvironmentException extends SandboxException {
  UnknownEnvironmentException(String message) {
    super(message);
  }
}
