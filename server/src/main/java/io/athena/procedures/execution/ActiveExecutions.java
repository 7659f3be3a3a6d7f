package io.athena.procedures.execution;

import org.jdbi.v3.core.Handle;

/** Tells whether a procedure is in use. */
public final class ActiveExecutions {
  private ActiveExecutions() {}

  /**
   * True if executions of a procedure wait or run, as the handle's transaction sees it. No new one
   * can come while that transaction holds the procedure's row {@code for update}.
   */
  public static boolean exist(Handle handle, long procedureId) {
    return handle
        .createQuery(
            """
            select exists (
              select 1 from execution where procedure_id = :procedureId and state <> 'COMPLETED')
            """)
        .bind("procedureId", procedureId)
        .mapTo(Boolean.class)
        .one();
  }
}
