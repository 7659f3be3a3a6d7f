package io.athena.procedures.git;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** An argument of type {@code bytea[]}, which neither Jdbi nor the driver makes of a list. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ByteaArray(byte[] @Nullable [] elements) implements Argument {
  /** Of what {@code bytes} makes of each value; null stands for SQL's null. */
  static <T> ByteaArray of(List<? extends T> values, Function<T, byte @Nullable []> bytes) {
    byte[] @Nullable [] elements = new byte[values.size()][];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = bytes.apply(values.get(i));
    }
    return new ByteaArray(elements);
  }

  @Override
  public void apply(int position, PreparedStatement statement, StatementContext context)
      throws SQLException {
    Array array = statement.getConnection().createArrayOf("bytea", elements);
    statement.setArray(position, array);
  }
}
