package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import java.sql.Types;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;

/** Binds {@code bytea}. */
public final class BytesArgument extends AbstractArgumentFactory<ByteString> {
  /** For Jdbi. */
  public BytesArgument() {
    super(Types.VARBINARY);
  }

  @Override
  protected Argument build(ByteString value, ConfigRegistry config) {
    return (position, statement, context) -> statement.setBytes(position, value.toByteArray());
  }
}
