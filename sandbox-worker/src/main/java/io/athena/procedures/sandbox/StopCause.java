package io.athena.procedures.sandbox;

/** Why the worker stopped a program. */
enum StopCause {
  WALL_TIME,
  OUTPUT,
  CANCELLED,
  MALFORMED_FRAME,
  WORKER_CLOSED
}
