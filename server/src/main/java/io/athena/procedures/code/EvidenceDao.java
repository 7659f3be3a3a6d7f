package io.athena.procedures.code;

import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The evidence for versions. */
interface EvidenceDao {
  /** The runs of a version. */
  record Runs(long successCount, long failureCount, long noFaultCount) {}

  /** Locks the version's row, so that a run which ends meanwhile counts after it. */
  @SqlUpdate(
      """
      update version_stats
      set example_success_count = :passed, example_failure_count = :failed,
          step_coverage = :coverage
      where procedure_id = :procedureId and version = :version
      """)
  @GetGeneratedKeys({"success_count", "failure_count", "no_fault_count"})
  @RegisterConstructorMapper(Runs.class)
  Runs replace(long procedureId, int version, int passed, int failed, double coverage);

  @SqlUpdate(
      """
      update version_stats set confidence = :confidence
      where procedure_id = :procedureId and version = :version
      """)
  void rate(long procedureId, int version, double confidence);
}
