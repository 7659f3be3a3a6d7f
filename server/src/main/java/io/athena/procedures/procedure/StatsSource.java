package io.athena.procedures.procedure;

import io.athena.procedures.v1.GetProcedureStatsResponse;

/** Gives statistics over the runs of a procedure. */
@FunctionalInterface
public interface StatsSource {
  /** The whole answer, exact over the runs that have ended, of a procedure that exists. */
  GetProcedureStatsResponse of(long procedureId);
}
