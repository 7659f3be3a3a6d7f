package io.athena.procedures.sandbox;

/** Why a program was not started. */
abstract sealed class SandboxException extends Exception
    permits InvalidRunException,
        IsolationUnavailableException,
        PoolExhaustedException,
        UnknownEnvironmentException,
        WorkerDrainingException {
  SandboxException(String message) {
    super(message);
  }
}
