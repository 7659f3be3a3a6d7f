package io.athena.procedures.procedure;

import org.jdbi.v3.core.Handle;

/** Tells whether a procedure is in use. */
@FunctionalInterface
public interface RunningExecutions {
  /**
   * True if executions of the procedure are queued or running.
   *
   * @param handle of a transaction that has locked the procedure's row, so that none can begin
   *     before it ends
   */
  boolean exist(Handle handle, long procedureId);
}
