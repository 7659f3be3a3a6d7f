package io.athena.procedures.code;

import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The evidence for versions, and where they come from. */
interface EvidenceDao {
  /** Replaces what examples have shown; gives the confidence that follows from it and the runs. */
  @SqlUpdate(
      """
      update version_stats
      set example_success_count = :passed, example_failure_count = :failed,
          step_coverage = :coverage, prior_odds = 1,
          confidence = confidence_in_version(
            :passed, :failed, success_count, failure_count - no_fault_count, :coverage, 1)
      where procedure_id = :procedureId and version = :version
      """)
  @GetGeneratedKeys("confidence")
  double replace(long procedureId, int version, int passed, int failed, double coverage);

  /** What is told of a version that nothing is known of yet; gives its confidence. */
  @SqlUpdate(
      """
      update version_stats
      set step_coverage = :coverage, prior_odds = :odds,
          confidence = confidence_in_version(
            example_success_count, example_failure_count,
            success_count, failure_count - no_fault_count, :coverage, :odds)
      where procedure_id = :procedureId and version = :version
      """)
  @GetGeneratedKeys("confidence")
  double begin(long procedureId, int version, double coverage, double odds);

  /** What made a version, and of what. */
  @SqlUpdate(
      """
      update code_version set generator = :generator, definition_id = :definitionId
      where procedure_id = :procedureId and version = :version
      """)
  void origin(long procedureId, int version, String generator, String definitionId);
}
