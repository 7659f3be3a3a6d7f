package io.athena.procedures.execution;

import org.jdbi.v3.core.Handle;

/** Tells whether a procedure is in use. */
public final class ActiveExecutions {
  private ActiveExecutions() {}

  /**
   * How many executions of a procedure wait or run, as the handle's transaction sees it. No new one
   * can come while that transaction holds the procedure's row {@code for update}.
   */
  public static long count(Handle handle, long procedureId) {
    return handle
        .createQuery(
            """
            select count(*) from execution
            where procedure_id = :procedureId and state <> 'COMPLETED'
            """)
        .bind("procedureId", procedureId)
        .mapTo(Long.class)
        .one();
  }
}
