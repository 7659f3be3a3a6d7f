package io.athena.procedures.git;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** Makes objects of rows. Public because Jdbi makes it by reflection. */
public final class StoredObjectMapper implements RowMapper<StoredObject> {
  @Override
  public StoredObject map(ResultSet row, StatementContext context) throws SQLException {
    return new StoredObject(
        ObjectId.fromRaw(row.getBytes("object_id")),
        row.getInt("type"),
        row.getInt("size"),
        row.getBytes("content"));
  }
}
