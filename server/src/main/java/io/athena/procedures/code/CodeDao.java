package io.athena.procedures.code;

import io.athena.procedures.v1.CodeVersion;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Rows of versions. */
@RegisterRowMapper(CodeVersionMapper.class)
interface CodeDao {
  String SELECT =
      """
      select v.procedure_id, v.version, v.commit_id, v.author, v.message, v.create_time,
             v.size_bytes, v.sha256, v.rolled_back_to, v.draft,
             v.version = p.current_version as is_current,
             coalesce((select s.confidence from version_stats s
                       where s.procedure_id = v.procedure_id and s.version = v.version), 0)
               as confidence,
             array(select t.tag from version_tag t
                   where t.procedure_id = v.procedure_id and t.version = v.version
                   order by t.tag) as tags,
             cast(:withCode as boolean) as with_code,
             v.generator, v.definition_id,
             case when :withCode then p.definition::text end as definition,
             case when :withCode then (
               select s.step_coverage from version_stats s
               where s.procedure_id = v.procedure_id and s.version = v.version)
             end as step_coverage,
             case when :withCode then v.code end as code,
             case when :withCode then (
               select o.content from git_object o
               where o.project = p.project and o.object_id = v.code_object) end as content
      from code_version v
      join procedure p on p.procedure_id = v.procedure_id
      """;

  /**
   * Adds a version and makes it current. Its confidence and the evidence for it are those of the
   * version that it rolls back to, or else of the newest that has the same code, made for the same
   * definition; what generation found out of that code, saved or not, counts in place of what
   * examples had shown before.
   *
   * @return empty if the procedure's current version is not the one before
   */
  @SqlQuery(
      """
      with same as (
        select v.version, v.generator, v.definition_id,
               case v.first_version when 0 then v.version else v.first_version end as first_version
        from code_version v
        where v.procedure_id = :procedureId
          and v.version = case :rolledBackTo
            when 0 then (
              select max(version) from code_version
              where procedure_id = :procedureId and sha256 = :sha256
                and definition_id = :definitionId)
            else :rolledBackTo end),
      generated as (
        select generator, example_success_count, example_failure_count, example_run_count,
               step_coverage
        from generated_code
        where procedure_id = :procedureId and sha256 = :sha256 and definition_id = :definitionId),
      inserted as (
        insert into code_version (procedure_id, version, commit_id, code_object, sha256, size_bytes,
                                  author, message, rolled_back_to, first_version, draft,
                                  create_time, generator, definition_id)
        select :procedureId, :version, :commitId, :codeObject, :sha256, :sizeBytes,
               :author, :message, :rolledBackTo, coalesce(same.first_version, 0), :draft, :now,
               coalesce(g.generator, same.generator, ''),
               coalesce(same.definition_id, :definitionId)
        from (select) one
        left join same on true
        left join generated g on true),
      evidence as (
        select coalesce(s.success_count, 0) as success_count,
               coalesce(s.failure_count, 0) as failure_count,
               coalesce(s.no_fault_count, 0) as no_fault_count,
               coalesce(g.example_success_count, s.example_success_count, 0) as passed,
               coalesce(g.example_failure_count, s.example_failure_count, 0) as failed,
               coalesce(g.example_run_count, s.example_run_count, 0) as ran,
               coalesce(g.step_coverage, s.step_coverage, 1) as coverage,
               case when g.example_success_count + g.example_failure_count > 0 then 1
                    else coalesce(s.prior_odds, 1) end as odds,
               case when g.generator is null then coalesce(s.confidence, :confidence) end
                 as confidence
        from (select) one
        left join (
          select stats.* from version_stats stats join same using (version)
          where stats.procedure_id = :procedureId) s on true
        left join generated g on true),
      stats as (
        insert into version_stats (procedure_id, version, confidence, success_count, failure_count,
                                   no_fault_count, inherited_success_count, inherited_failure_count,
                                   example_success_count, example_failure_count,
                                   example_run_count, step_coverage, prior_odds)
        select :procedureId, :version,
               coalesce(confidence, confidence_in_version(
                 passed, failed, success_count + ran, failure_count - no_fault_count, coverage,
                 odds)),
               success_count, failure_count, no_fault_count, success_count, failure_count,
               passed, failed, ran, coverage, odds
        from evidence
        returning confidence)
      update procedure
      set current_version = :version, revision = revision + 1, update_time = :now
      where procedure_id = :procedureId and current_version = :version - 1
      returning revision, (select s.confidence from stats s) as confidence
      """)
  @RegisterConstructorMapper(Appended.class)
  Optional<Appended> append(long procedureId, int version, @BindMethods Row row, Instant now);

  /**
   * What the row of a new version says besides its number.
   *
   * @param rolledBackTo the version whose code and evidence it has; 0 if it is no rollback
   * @param draft true if it was saved whatever was found in it
   * @param confidence in code without evidence
   * @param definitionId what it was made for, if it is no rollback; see {@code Definitions.id}
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Row(
      String commitId,
      byte[] codeObject,
      String sha256,
      int sizeBytes,
      String author,
      String message,
      int rolledBackTo,
      boolean draft,
      double confidence,
      String definitionId) {}

  /** What became of a procedure, and the confidence in its new version. */
  record Appended(long revision, double confidence) {}

  /** What a rollback needs to know of the version it restores. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Restorable(String commitId, byte[] codeObject, int sizeBytes, boolean draft) {}

  @SqlQuery(
      """
      select commit_id, code_object, size_bytes, draft
      from code_version
      where procedure_id = :procedureId and version = :version
      """)
  @RegisterConstructorMapper(Restorable.class)
  Restorable restorable(long procedureId, int version);

  /** Version 0 stands for the current one. */
  @SqlQuery(
      SELECT
          + """
          where p.procedure_id = :procedureId and v.version =
            case when :version = 0 then p.current_version else :version end
          """)
  Optional<CodeVersion> find(long procedureId, int version, boolean withCode);

  /** Newest first, those before a version. */
  @SqlQuery(
      SELECT
          + """
          where v.procedure_id = :procedureId and v.version < :before
          order by v.version desc
          limit :most
          """)
  List<CodeVersion> list(long procedureId, int before, int most, boolean withCode);

  /** The number of the newest version, 0 if there is no code; empty if there is no procedure. */
  @SqlQuery("select current_version from procedure where procedure_id = :procedureId")
  Optional<Integer> currentVersion(long procedureId);
}
