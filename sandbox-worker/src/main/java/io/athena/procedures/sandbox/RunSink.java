package io.athena.procedures.sandbox;

import io.athena.sandbox.v1.RunResponse;

/** Where a run's events go. */
interface RunSink {
  /**
   * Delivers an event; blocks while the receiver does not read.
   *
   * @throws CallerGoneException if nobody will read any more
   */
  void send(RunResponse response) throws CallerGoneException, InterruptedException;

  /** Nobody reads any more. */
  final class CallerGoneException extends Exception {
    CallerGoneException() {
      super("the caller has ended the call");
    }
  }
}
