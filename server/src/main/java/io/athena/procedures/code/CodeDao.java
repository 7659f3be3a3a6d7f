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
   * Adds a version and makes it current; its confidence and the evidence for it are those of the
   * version that it rolls back to, if it does.
   *
   * @return empty if the procedure's current version is not the one before
   */
  @SqlQuery(
      """
      with inserted as (
        insert into code_version (procedure_id, version, commit_id, code_object, sha256, size_bytes,
                                  author, message, rolled_back_to, first_version, draft,
                                  create_time, generator, definition_id)
        select :procedureId, :version, :commitId, :codeObject, :sha256, :sizeBytes,
               :author, :message, :rolledBackTo, :firstVersion, :draft, :now,
               coalesce(r.generator, ''), coalesce(r.definition_id, :definitionId)
        from (select) one
        left join code_version r on r.procedure_id = :procedureId and r.version = :rolledBackTo),
      evidence as (
        select success_count, failure_count, no_fault_count, confidence, example_success_count,
               example_failure_count, step_coverage, prior_odds
        from version_stats
        where procedure_id = :procedureId and version = :rolledBackTo and version > 0),
      stats as (
        insert into version_stats (procedure_id, version, confidence, success_count, failure_count,
                                   no_fault_count, inherited_success_count, inherited_failure_count,
                                   example_success_count, example_failure_count, step_coverage,
                                   prior_odds)
        select :procedureId, :version, coalesce(e.confidence, :confidence),
               coalesce(e.success_count, 0), coalesce(e.failure_count, 0),
               coalesce(e.no_fault_count, 0), coalesce(e.success_count, 0),
               coalesce(e.failure_count, 0), coalesce(e.example_success_count, 0),
               coalesce(e.example_failure_count, 0), coalesce(e.step_coverage, 1),
               coalesce(e.prior_odds, 1)
        from (select) one left join evidence e on true
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
   * @param rolledBackTo the version whose code and evidence it has; 0 if it is of its own
   * @param firstVersion the first one that had this code, if a rollback brought it back; else 0
   * @param draft true if it was saved whatever was found in it
   * @param confidence in code without evidence
   * @param definitionId what it was made for, if it is of its own; see {@code Definitions.id}
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
      int firstVersion,
      boolean draft,
      double confidence,
      String definitionId) {}

  /** What became of a procedure, and the confidence in its new version. */
  record Appended(long revision, double confidence) {}

  /** What a rollback needs to know of the version it restores. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Restorable(
      String commitId, byte[] codeObject, int sizeBytes, int firstVersion, boolean draft) {}

  @SqlQuery(
      """
      select commit_id, code_object, size_bytes,
             case first_version when 0 then version else first_version end as first_version,
             draft
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
