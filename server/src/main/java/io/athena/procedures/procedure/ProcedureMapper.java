package io.athena.procedures.procedure;

import io.athena.procedures.db.Times;
import io.athena.procedures.v1.Procedure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** Makes procedures of rows. Public because Jdbi makes it by reflection. */
public final class ProcedureMapper implements RowMapper<Procedure> {
  @Override
  public Procedure map(ResultSet row, StatementContext context) throws SQLException {
    long id = row.getLong("procedure_id");
    long usageCount = row.getLong("usage_count");
    return Definitions.fromJson(row.getString("definition"))
        .setProcedureId(id)
        .setProject(row.getString("project"))
        .setName(row.getString("name"))
        .setCategory(row.getString("category"))
        .setDescription(row.getString("description"))
        .setCreatedBy(row.getString("created_by"))
        .setCreateTime(
            Times.toProto(row.getObject("create_time", OffsetDateTime.class).toInstant()))
        .setUpdateTime(
            Times.toProto(row.getObject("update_time", OffsetDateTime.class).toInstant()))
        .setEtag(Etags.of(id, row.getLong("revision")))
        .setCurrentVersion(row.getInt("current_version"))
        .setCurrentCommitId(row.getString("current_commit_id"))
        .setConfidence(row.getDouble("confidence"))
        .setUsageCount(usageCount)
        .setSuccessRate(usageCount == 0 ? 0 : row.getLong("success_count") / (double) usageCount)
        .build();
  }
}
