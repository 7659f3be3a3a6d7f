package io.athena.procedures.db;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A fresh database with the program's schema, in a PostgreSQL that all tests of this process share.
 *
 * <p>Use it as a static field with {@code @RegisterExtension}, which closes it after the class, or
 * close it yourself.
 */
public final class TestDatabase implements AfterAllCallback, AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final DatabaseAddress address;
  private final HikariDataSource connections;
  private final Jdbi jdbi;

  private TestDatabase(DatabaseAddress address) {
    this.address = address;
    this.connections = Connections.open(address);
    this.jdbi = Database.newJdbi(connections);
  }

  /** Makes a database by copying a migrated template. */
  public static TestDatabase create() {
    String name = "test_" + COUNT.incrementAndGet();
    Server.INSTANCE.execute("create database " + name + " template migrated");
    return new TestDatabase(Server.INSTANCE.database(name));
  }

  /** One with the schema that a program had whose newest migration has this number. */
  public static TestDatabase createAt(int migration) {
    DatabaseAddress address = createEmpty();
    try {
      Flyway.configure(TestDatabase.class.getClassLoader())
          .dataSource(Connections.plainDataSource(address))
          .locations("classpath:db/migration")
          .target(Integer.toString(migration))
          .load()
          .migrate();
    } catch (DatabaseStartException e) {
      throw new AssertionError("no database for tests", e);
    }
    return new TestDatabase(address);
  }

  /** Makes its schema that of this program, as a start of the server does. */
  public void bringUpToDate() {
    try {
      Schema.bringUpToDate(address);
    } catch (DatabaseStartException e) {
      throw new AssertionError("no upgrade of the database", e);
    }
  }

  /** An address of an empty database, without the program's schema. */
  static DatabaseAddress createEmpty() {
    String name = "test_" + COUNT.incrementAndGet();
    Server.INSTANCE.execute("create database " + name);
    return Server.INSTANCE.database(name);
  }

  /** Access to the database. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** Where it is, for servers in processes of their own; holds a password. */
  public String url() {
    return "%s?user=%s&password=%s"
        .formatted(
            address.url(),
            address.properties().getProperty("user"),
            address.properties().getProperty("password"));
  }

  /** Where it is, with what is needed to get in. */
  DatabaseAddress address() {
    return address;
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  @Override
  public void close() {
    connections.close();
  }

  /** The PostgreSQL of this process; its guardian stops it when the process ends. */
  private static final class Server {
    private static final Server INSTANCE = start();

    private final EmbeddedPostgres postgres;

    private Server(EmbeddedPostgres postgres) {
      this.postgres = postgres;
    }

    private static Server start() {
      try {
        Server server = new Server(startPostgres());
        server.dropOldDatabases();
        server.execute("create database migrated");
        Schema.bringUpToDate(server.database("migrated"));
        return server;
      } catch (DatabaseStartException | IOException e) {
        throw new AssertionError("no database for tests", e);
      }
    }

    private static EmbeddedPostgres startPostgres() throws DatabaseStartException, IOException {
      // Nothing in it has to outlive a crash of the machine.
      List<String> settings = List.of("fsync=off", "full_page_writes=off", "max_connections=200");
      try {
        return EmbeddedPostgres.start(Path.of("target", "test-database"), settings);
      } catch (DatabaseStartException inUseByAnotherTestRun) {
        return EmbeddedPostgres.start(Files.createTempDirectory("athena-test-database"), settings);
      }
    }

    private void dropOldDatabases() {
      List<String> old =
          jdbi()
              .withHandle(handle ->
                  handle
                      .createQuery(
                          """
                          select datname from pg_database
                          where datname like 'test\\_%' or datname = 'migrated'
                          """)
                      .mapTo(String.class)
                      .list());
      old.forEach(name -> execute("drop database " + name));
    }

    DatabaseAddress database(String name) {
      DatabaseAddress main = postgres.address();
      return new DatabaseAddress(
          main.url().replaceFirst("/[^/]*$", "/" + name),
          main.properties(),
          "test database " + name);
    }

    void execute(String statement) {
      jdbi().useHandle(handle -> handle.execute(statement));
    }

    private Jdbi jdbi() {
      return Jdbi.create(postgres.address().url(), postgres.address().properties());
    }
  }
}
