package io.athena.procedures.procedure;

import io.athena.procedures.v1.GetProcedureStatsResponse;

/** Gives statistics over the runs of a procedure. */
@FunctionalInterface
public interface StatsSource {
  /**
   * Sets {@code total} and {@code versions}, exact over the runs that have ended.
   *
   * @param procedureId of a procedure that exists
   */
  void addTo(GetProcedureStatsResponse.Builder response, long procedureId);
}
