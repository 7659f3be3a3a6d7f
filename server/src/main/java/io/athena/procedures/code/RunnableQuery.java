package io.athena.procedures.code;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.athena.procedures.db.DirectStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** All that the database must be asked before a run, in one statement. */
final class RunnableQuery {
  private static final DirectStatement STATEMENT =
      DirectStatement.of(
          """
          select p.project, p.name, p.revision, p.current_version,
                 case when p.revision <> :knownRevision then p.definition::text end as definition,
                 coalesce(v.version, 0) as version, coalesce(v.commit_id, '') as commit_id,
                 coalesce(v.size_bytes, 0) as size_bytes,
                 coalesce((select r.revision from validation_policy r where r.project = p.project), 0)
                   as policy_revision,
                 coalesce(v.judged_by, '') as judged_by, v.refused_for,
                 case when v.version <> :knownVersion then v.code end as code,
                 case when v.version <> :knownVersion then (
                   select o.content from git_object o
                   where o.project = p.project and o.object_id = v.code_object) end as content,
                 e.execution_id, e.request_hash, e.create_time
          from (select) one
          left join procedure p on p.procedure_id = :procedureId
          left join code_version v
            on v.procedure_id = p.procedure_id
            and v.version = case when :version = 0 then p.current_version else :version end
          left join execution e on e.request_key = :requestKey
          """);

  private RunnableQuery() {}

  /** What is in the database. */
  record Result(@Nullable Row row, @Nullable EarlierRequest earlier) {}

  /**
   * A version with the definition of its procedure. Parts that the caller knows are left out,
   * because they are large.
   *
   * @param definition null if the revision is the known one
   * @param version 0 if there is no such version
   * @param code null if the version is the known one, there is none, or its code is in git
   * @param content null if the version is the known one, there is none, or its code is not in git
   * @param sizeBytes of the code in UTF-8
   * @param policyRevision of the project's own policy; 0 if it has none
   * @param judgedBy what judged the version last; empty if nothing did
   * @param refusedFor the errors that were found then; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Row(
      String project,
      String name,
      long revision,
      @Nullable String definition,
      int currentVersion,
      int version,
      String commitId,
      int sizeBytes,
      long policyRevision,
      String judgedBy,
      byte @Nullable [] refusedFor,
      @Nullable String code,
      byte @Nullable [] content) {}

  /**
   * Asks for a version, and for the execution that a request made before.
   *
   * @param version 0 stands for the current one
   * @param requestKey null if the request has none
   */
  static Result ask(
      Handle handle,
      long procedureId,
      int version,
      long knownRevision,
      int knownVersion,
      @Nullable String requestKey) {
    return STATEMENT
        .first(
            handle,
            arguments ->
                arguments
                    .bind("procedureId", procedureId)
                    .bind("version", version)
                    .bind("knownRevision", knownRevision)
                    .bind("knownVersion", knownVersion)
                    .bind("requestKey", requestKey),
            RunnableQuery::read)
        .orElseThrow();
  }

  private static Result read(ResultSet row) throws SQLException {
    return new Result(version(row).orElse(null), earlier(row).orElse(null));
  }

  private static Optional<Row> version(ResultSet row) throws SQLException {
    String project = row.getString("project");
    return project == null
        ? Optional.empty()
        : Optional.of(
            new Row(
                project,
                row.getString("name"),
                row.getLong("revision"),
                row.getString("definition"),
                row.getInt("current_version"),
                row.getInt("version"),
                row.getString("commit_id"),
                row.getInt("size_bytes"),
                row.getLong("policy_revision"),
                row.getString("judged_by"),
                row.getBytes("refused_for"),
                row.getString("code"),
                row.getBytes("content")));
  }

  private static Optional<EarlierRequest> earlier(ResultSet row) throws SQLException {
    UUID executionId = row.getObject("execution_id", UUID.class);
    return executionId == null
        ? Optional.empty()
        : Optional.of(
            new EarlierRequest(
                executionId,
                hash(row.getBytes("request_hash")),
                row.getObject("create_time", OffsetDateTime.class).toInstant()));
  }

  private static ByteString hash(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
