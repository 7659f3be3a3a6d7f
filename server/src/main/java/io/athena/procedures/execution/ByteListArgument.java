package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import java.sql.Types;
import java.util.List;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;

/** Binds {@code bytea[]}. */
public final class ByteListArgument extends AbstractArgumentFactory<List<ByteString>> {
  /** For Jdbi. */
  public ByteListArgument() {
    super(Types.ARRAY);
  }

  @Override
  protected Argument build(List<ByteString> value, ConfigRegistry config) {
    byte[][] elements = value.stream().map(ByteString::toByteArray).toArray(byte[][]::new);
    return (position, statement, context) ->
        statement.setArray(position, statement.getConnection().createArrayOf("bytea", elements));
  }
}
