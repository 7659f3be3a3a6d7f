package io.athena.procedures.db;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's database, ready for use: reachable, its schema that of this program. Thread-safe.
 *
 * <p>Every commit is durable when it returns ({@code synchronous_commit} and {@code fsync} stay
 * on).
 */
public final class Database implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  private final DatabaseAddress address;
  private final HikariDataSource connections;
  private final @Nullable EmbeddedPostgres embedded;
  private final Jdbi jdbi;
  private final String description;

  private Database(
      DatabaseAddress address, @Nullable EmbeddedPostgres embedded, String description) {
    this.address = address;
    this.connections = Connections.open(address);
    this.embedded = embedded;
    this.description = description;
    this.jdbi = newJdbi(connections);
  }

  /**
   * Starts the embedded PostgreSQL on a directory, which is made and filled if it is not there.
   *
   * @throws DatabaseStartException if the directory is in use by another server, cannot be written,
   *     or holds what this program cannot use
   */
  public static Database embedded(Path dataDirectory) throws DatabaseStartException {
    EmbeddedPostgres embedded = EmbeddedPostgres.start(dataDirectory);
    try {
      DatabaseAddress address = embedded.address();
      return open(address, embedded, "embedded PostgreSQL in " + dataDirectory);
    } catch (DatabaseStartException | RuntimeException e) {
      embedded.close();
      throw e;
    }
  }

  /**
   * Connects to a PostgreSQL server.
   *
   * @param url {@code jdbc:postgresql://HOST[:PORT]/DATABASE?user=…&password=…}, or the same in the
   *     form of libpq, {@code postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE}
   * @throws DatabaseStartException if it does not answer within ten seconds, refuses the user, or
   *     its schema is newer than this program
   */
  public static Database external(String url) throws DatabaseStartException {
    DatabaseAddress address = DatabaseAddress.parse(url);
    return open(address, null, address.description());
  }

  private static Database open(
      DatabaseAddress address, @Nullable EmbeddedPostgres embedded, String description)
      throws DatabaseStartException {
    Schema.bringUpToDate(address);
    return new Database(address, embedded, description);
  }

  /**
   * Where the embedded database is kept if nothing else is said: {@code athena} in the data
   * directory of the XDG base directory specification.
   *
   * @param environment of the process
   */
  public static Path defaultDataDirectory(Map<String, String> environment) {
    String dataHome = environment.getOrDefault("XDG_DATA_HOME", "");
    // The specification has relative paths ignored.
    Path base =
        dataHome.startsWith("/")
            ? Path.of(dataHome)
            : Path.of(environment.getOrDefault("HOME", "/"), ".local", "share");
    return base.resolve("athena");
  }

  /** Access to the database; to be shared. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** What and where it is, for people; without secrets. */
  public String description() {
    return description;
  }

  /**
   * Closes all connections now if the database does not answer: for a program that stops, whose
   * parts would each wait for it in vain. Takes up to ten seconds.
   */
  public void giveUpIfGone() {
    try (Connection _ = Connections.openOne(address)) {
      log.debug("the database is there for what is left to do");
    } catch (SQLException e) {
      if (DatabaseFailures.isUnanswered(e)) {
        log.warn(
            "the database does not answer; what is left to do there is left: {}", e.toString());
        connections.close();
      }
    }
  }

  /** Closes all connections, and stops the embedded database. */
  @Override
  public void close() {
    connections.close();
    if (embedded != null) {
      embedded.close();
    }
  }

  static Jdbi newJdbi(HikariDataSource connections) {
    return Jdbi.create(connections)
        .installPlugin(new SqlObjectPlugin())
        .installPlugin(new PostgresPlugin());
  }
}
