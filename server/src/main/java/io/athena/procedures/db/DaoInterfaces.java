package io.athena.procedures.db;

import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.extension.ExtensionFactory;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.sqlobject.SqlObjectFactory;

/** Has DAO interfaces examined once instead of by every handle. */
public final class DaoInterfaces {
  private DaoInterfaces() {}

  /**
   * Examines interfaces for all handles that {@code jdbi} opens from now on. Without this each
   * handle that attaches one examines its annotations anew, which takes longer than a small
   * statement does. Only what is used in every call is worth it.
   */
  public static void examine(Jdbi jdbi, Class<?>... interfaces) {
    Extensions extensions = jdbi.getConfig(Extensions.class);
    ExtensionFactory factory =
        extensions
            .findFactory(SqlObjectFactory.class)
            .orElseThrow(() -> new IllegalArgumentException("the SqlObjectPlugin is missing"));
    for (Class<?> each : interfaces) {
      extensions.findMetadata(each, factory);
    }
  }
}
