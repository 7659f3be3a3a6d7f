package io.athena.procedures.code;

import org.jdbi.v3.sqlobject.statement.GetGeneratedKeys;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The evidence for versions, and where they come from. */
interface EvidenceDao {
  /**
   * Replaces what examples have shown; gives the confidence that follows from it and the runs. What
   * was told of the version before counts until an example was compared here.
   */
  @SqlUpdate(
      """
      update version_stats
      set example_success_count = :passed, example_failure_count = :failed,
          example_run_count = :ran, step_coverage = :coverage,
          prior_odds = case when :passed + :failed > 0 then 1 else prior_odds end,
          confidence = confidence_in_version(
            :passed, :failed, success_count + :ran, failure_count - no_fault_count, :coverage,
            case when :passed + :failed > 0 then 1 else prior_odds end)
      where procedure_id = :procedureId and version = :version
      """)
  @GetGeneratedKeys("confidence")
  double replace(long procedureId, int version, int passed, int failed, int ran, double coverage);

  /** What is told of a new version, unless what is known of its code is worse. */
  @SqlUpdate(
      """
      update version_stats
      set step_coverage = least(step_coverage, :coverage), prior_odds = least(prior_odds, :odds),
          confidence = confidence_in_version(
            example_success_count, example_failure_count,
            success_count + example_run_count, failure_count - no_fault_count,
            least(step_coverage, :coverage), least(prior_odds, :odds))
      where procedure_id = :procedureId and version = :version
      """)
  void begin(long procedureId, int version, double coverage, double odds);

  /** What was found out of code that may be saved later, in place of what was known of it. */
  @SqlUpdate(
      """
      insert into generated_code (procedure_id, sha256, definition_id, generator,
                                  example_success_count, example_failure_count, example_run_count,
                                  step_coverage)
      select procedure_id, :sha256, :definitionId, :generator, :passed, :failed, :ran, :coverage
      from procedure where procedure_id = :procedureId for key share
      on conflict (procedure_id, sha256) do update
      set definition_id = excluded.definition_id, generator = excluded.generator,
          example_success_count = excluded.example_success_count,
          example_failure_count = excluded.example_failure_count,
          example_run_count = excluded.example_run_count,
          step_coverage = excluded.step_coverage
      """)
  void note(
      long procedureId,
      String sha256,
      String definitionId,
      String generator,
      int passed,
      int failed,
      int ran,
      double coverage);

  /** Forgets what was found out of code that was made of other definitions. */
  @SqlUpdate(
      """
      delete from generated_code
      where procedure_id = :procedureId and definition_id <> :definitionId
      """)
  void forgetOthers(long procedureId, String definitionId);

  /** What made a version, and of what. */
  @SqlUpdate(
      """
      update code_version set generator = :generator, definition_id = :definitionId
      where procedure_id = :procedureId and version = :version
      """)
  void origin(long procedureId, int version, String generator, String definitionId);
}
