package io.athena.procedures.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Makes the database's schema that of this program. */
final class Schema {
  private static final String DIRECTORY = "/db/migration";
  private static final int OLDEST_POSTGRES = 15;

  private Schema() {}

  /**
   * Applies the migrations that are missing.
   *
   * @throws DatabaseStartException if the database cannot be reached, or its schema is newer than
   *     this program or not its own; then nothing was changed
   */
  static void bringUpToDate(DatabaseAddress address) throws DatabaseStartException {
    try (Connection connection = Connections.openOne(address)) {
      requireKnownServer(connection, address);
      SchemaSeal seal = SchemaSeal.of(DIRECTORY);
      if (!seal.isOn(connection)) {
        migrate(address);
        seal.putOn(connection);
      }
    } catch (SQLException e) {
      throw new DatabaseStartException(
          "cannot use %s: %s".formatted(address.description(), e.getMessage()), e);
    }
  }

  private static void requireKnownServer(Connection connection, DatabaseAddress address)
      throws SQLException, DatabaseStartException {
    if (connection.getMetaData().getDatabaseMajorVersion() < OLDEST_POSTGRES) {
      throw new DatabaseStartException(
          "%s is PostgreSQL %s; this program needs %d or newer"
              .formatted(
                  address.description(),
                  connection.getMetaData().getDatabaseProductVersion(),
                  OLDEST_POSTGRES));
    }
  }

  private static void migrate(DatabaseAddress address) throws DatabaseStartException {
    Flyway flyway =
        Flyway.configure(Schema.class.getClassLoader())
            .dataSource(Connections.plainDataSource(address))
            .locations("classpath:" + DIRECTORY)
            .failOnMissingLocations(true)
            .load();
    try {
      refuseNewer(flyway.info().all(), address);
      flyway.migrate();
    } catch (FlywayException e) {
      throw new DatabaseStartException(
          "the schema of %s cannot be used: %s".formatted(address.description(), e.getMessage()),
          e);
    }
  }

  private static void refuseNewer(MigrationInfo[] migrations, DatabaseAddress address)
      throws DatabaseStartException {
    for (MigrationInfo migration : migrations) {
      if (isFromTheFuture(migration.getState())) {
        String newestKnown =
            Arrays.stream(migrations)
                .filter(known -> known.getState().isResolved() && known.getVersion() != null)
                .map(known -> known.getVersion().getVersion())
                .reduce((first, second) -> second)
                .orElse("none");
        throw new DatabaseStartException(
            "the schema of %s has version %s, but this program knows only up to %s; start the newer program that made it (nothing was changed)"
                .formatted(address.description(), migration.getVersion(), newestKnown));
      }
    }
  }

  private static boolean isFromTheFuture(MigrationState state) {
    return state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED;
  }
}
