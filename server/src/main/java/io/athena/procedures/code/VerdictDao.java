package io.athena.procedures.code;

import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Rows about what was found in code. */
interface VerdictDao {
  @SqlUpdate(
      """
      update code_version set draft = :draft
      where procedure_id = :procedureId and version = :version
      """)
  void mark(long procedureId, int version, boolean draft);

  /** Keeps whether a version may run. */
  @SqlUpdate(
      """
      update code_version set judged_by = :judgedBy, refused_for = :refusedFor
      where procedure_id = :procedureId and version = :version
      """)
  void keep(long procedureId, int version, String judgedBy, byte @Nullable [] refusedFor);

  @SqlUpdate(
      """
      insert into code_validation (procedure_id, version, report)
      values (:procedureId, :version, :report)
      on conflict (procedure_id, version) do update set report = excluded.report
      """)
  void store(long procedureId, int version, byte[] report);

  /** Gives a version the report of another one. */
  @SqlUpdate(
      """
      insert into code_validation (procedure_id, version, report)
      select procedure_id, :version, report from code_validation
      where procedure_id = :procedureId and version = :from
      """)
  void copy(long procedureId, int from, int version);

  @SqlQuery(
      """
      select report from code_validation where procedure_id = :procedureId and version = :version
      """)
  Optional<byte[]> report(long procedureId, int version);
}
