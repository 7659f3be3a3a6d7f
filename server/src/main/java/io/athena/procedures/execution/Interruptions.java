package io.athena.procedures.execution;

import io.athena.procedures.error.UnavailableException;
import java.util.Map;

/** Where a thread of the edge enters code that blocks. */
public final class Interruptions {
  private Interruptions() {}

  /** Code that blocks. */
  @FunctionalInterface
  public interface Blocking {
    void run() throws InterruptedException;
  }

  /** Runs it; an interrupt means that the server stops. */
  public static void run(Blocking code) {
    try {
      code.run();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(
          "SERVER_STOPPING", "the server stops; repeat the call when it is back", Map.of());
    }
  }
}
