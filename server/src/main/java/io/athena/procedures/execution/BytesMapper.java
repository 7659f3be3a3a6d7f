package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Reads {@code bytea}. */
public final class BytesMapper implements ColumnMapper<@Nullable ByteString> {
  /** For Jdbi. */
  public BytesMapper() {}

  @Override
  public @Nullable ByteString map(ResultSet row, int column, StatementContext context)
      throws SQLException {
    byte[] bytes = row.getBytes(column);
    // The driver gives a fresh array.
    return bytes == null ? null : UnsafeByteOperations.unsafeWrap(bytes);
  }
}
