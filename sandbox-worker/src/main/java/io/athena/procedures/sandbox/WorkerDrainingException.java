package io.athena.procedures.sandbox;

/** The worker is ending. */
final class WorkerDrainingException extends SandboxException {
  WorkerDrainingException() {
    super("the sandbox worker is shutting down and starts no more programs; another worker can");
  }
}
