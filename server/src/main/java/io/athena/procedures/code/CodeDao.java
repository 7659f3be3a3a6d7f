package io.athena.procedures.code;

import io.athena.procedures.v1.CodeVersion;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Rows of versions. */
@RegisterRowMapper(CodeVersionMapper.class)
interface CodeDao {
  String SELECT =
      """
      select v.procedure_id, v.version, v.commit_id, v.author, v.message, v.create_time,
             v.size_bytes, v.sha256, v.rolled_back_to, v.version = p.current_version as is_current,
             coalesce(s.confidence, 0) as confidence,
             case when :withCode then v.code else '' end as code
      from code_version v
      join procedure p on p.procedure_id = v.procedure_id
      left join version_stats s on s.procedure_id = v.procedure_id and s.version = v.version
      """;

  @SqlUpdate(
      """
      insert into code_version (procedure_id, version, code, sha256, size_bytes, author, message,
                                rolled_back_to, create_time)
      values (:procedureId, :version, :code, :sha256, :sizeBytes, :author, :message,
              :rolledBackTo, :now)
      """)
  void insert(
      long procedureId,
      int version,
      String code,
      String sha256,
      int sizeBytes,
      String author,
      String message,
      int rolledBackTo,
      Instant now);

  @SqlUpdate(
      """
      insert into version_stats (procedure_id, version, confidence)
      values (:procedureId, :version, :confidence)
      """)
  void insertStats(long procedureId, int version, double confidence);

  @SqlUpdate(
      """
      update procedure
      set current_version = :version, revision = revision + 1, update_time = :now
      where procedure_id = :procedureId
      """)
  void makeCurrent(long procedureId, int version, Instant now);

  @SqlQuery(SELECT + "where v.procedure_id = :procedureId and v.version = :version")
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

  /**
   * What a run needs. Parts that the caller knows are left out, because they are large.
   *
   * @param definition null if the revision is the known one
   * @param version 0 if there is no such version
   * @param code null if the version is the known one or there is none
   */
  record RunnableRow(
      String project,
      String name,
      long revision,
      @Nullable String definition,
      int currentVersion,
      int version,
      String commitId,
      @Nullable String code) {}

  /** Version 0 stands for the current one. */
  @SqlQuery(
      """
      select p.project, p.name, p.revision, p.current_version,
             case when p.revision <> :knownRevision then p.definition::text end as definition,
             coalesce(v.version, 0) as version, coalesce(v.commit_id, '') as commit_id,
             case when v.version <> :knownVersion then v.code end as code
      from procedure p
      left join code_version v
        on v.procedure_id = p.procedure_id
        and v.version = case when :version = 0 then p.current_version else :version end
      where p.procedure_id = :procedureId
      """)
  @RegisterConstructorMapper(RunnableRow.class)
  Optional<RunnableRow> findRunnable(
      long procedureId, int version, long knownRevision, int knownVersion);
}
