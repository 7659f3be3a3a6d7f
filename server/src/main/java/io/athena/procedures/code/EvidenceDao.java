package io.athena.procedures.code;

import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The evidence for versions. */
interface EvidenceDao {
  /** Replaces what examples have shown; gives the confidence that follows from it and the runs. */
  @SqlUpdate(
      """
      update version_stats
      set example_success_count = :passed, example_failure_count = :failed,
          step_coverage = :coverage,
          confidence = confidence_in_version(
            :passed, :failed, success_count, failure_count - no_fault_count, :coverage)
      where procedure_id = :procedureId and version = :version
      """)
  @GetGeneratedKeys("confidence")
  double replace(long procedureId, int version, int passed, int failed, double coverage);
}
