package io.athena.procedures.sandbox;

/** All slots are taken, and the queue is full or the wait was too long. */
final class PoolExhaustedException extends SandboxException {
  PoolExhaustedException(String message) {
    super(message);
  }

  static PoolExhaustedException noSlotInTime() {
    return new PoolExhaustedException("no slot could be made ready in time; try again in a moment");
  }
}
