package io.athena.procedures.code;

import io.athena.procedures.db.Times;
import io.athena.procedures.git.ObjectContent;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.v1.CodeVersion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** Makes versions of rows. Public because Jdbi makes it by reflection. */
public final class CodeVersionMapper implements RowMapper<CodeVersion> {
  @Override
  public CodeVersion map(ResultSet row, StatementContext context) throws SQLException {
    CodeVersion.Builder version =
        CodeVersion.newBuilder()
            .setProcedureId(row.getLong("procedure_id"))
            .setVersion(row.getInt("version"))
            .setCommitId(row.getString("commit_id"))
            .setAuthor(row.getString("author"))
            .setMessage(row.getString("message"))
            .setCreateTime(
                Times.toProto(row.getObject("create_time", OffsetDateTime.class).toInstant()))
            .setSizeBytes(row.getInt("size_bytes"))
            .setSha256(row.getString("sha256"))
            .setCode(code(row))
            .addAllTags(List.of((String[]) row.getArray("tags").getArray()))
            .setCurrent(row.getBoolean("is_current"))
            .setConfidence(row.getDouble("confidence"))
            .setRolledBackTo(row.getInt("rolled_back_to"))
            .setDraft(row.getBoolean("draft"));
    if (row.getBoolean("with_code")) {
      String madeFor = row.getString("definition_id");
      version
          .setDefinitionChanged(
              !madeFor.isEmpty()
                  && !madeFor.equals(Definitions.idOfStored(row.getString("definition"))))
          .getOriginBuilder()
          .setCodeSha256(version.getSha256())
          .setGenerator(row.getString("generator"))
          .setDefinitionId(madeFor)
          .setStepCoverage(row.getDouble("step_coverage"))
          .setConfidence(version.getConfidence());
    }
    return version.build();
  }

  /** Empty if it was not asked for. */
  private static String code(ResultSet row) throws SQLException {
    return row.getBoolean("with_code")
        ? ObjectContent.text(
            row.getString("code"), row.getBytes("content"), row.getInt("size_bytes"))
        : "";
  }
}
