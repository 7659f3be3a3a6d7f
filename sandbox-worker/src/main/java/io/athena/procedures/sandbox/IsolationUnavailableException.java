package io.athena.procedures.sandbox;

/** This host, or a limit that could not be set, does not allow to run anything safely. */
final class IsolationUnavailableException extends SandboxException {
  IsolationUnavailableException(String message) {
    super(message);
  }
}
