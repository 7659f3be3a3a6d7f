package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionEvent;

/**
 * Decides which events of one run are stored: all up to a number of bytes and of events, then only
 * those that every run has once, and its artifacts. Not thread-safe.
 */
final class StorageBudget {
  private static final int MOST_ARTIFACTS = 1_000;

  private long bytesLeft;
  private int eventsLeft;
  private int artifactsLeft = MOST_ARTIFACTS;
  private boolean exceeded;

  StorageBudget(long bytes, int events) {
    this.bytesLeft = bytes;
    this.eventsLeft = events;
  }

  /** True if the event is to be stored. */
  boolean admits(ExecutionEvent event) {
    return switch (event.getEventCase()) {
      case ACCEPTED, STARTED, COMPLETED -> true;
      case HEARTBEAT, EVENT_NOT_SET -> false;
      case ARTIFACT -> {
        boolean admitted = artifactsLeft-- > 0;
        exceeded |= !admitted;
        yield admitted;
      }
      case OUTPUT, PROGRESS, LOG, TOOL_CALL -> takes(event.getSerializedSize());
    };
  }

  private boolean takes(int size) {
    bytesLeft -= size;
    eventsLeft--;
    // Once something was left out nothing follows: what is stored is the first part, without holes.
    exceeded |= bytesLeft < 0 || eventsLeft < 0;
    return !exceeded;
  }

  /** True if something was not admitted. */
  boolean exceeded() {
    return exceeded;
  }
}
