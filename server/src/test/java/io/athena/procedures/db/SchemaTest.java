package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class SchemaTest {
  @Test
  void isMadeOnceAndThenLeftAsItIs() throws Exception {
    DatabaseAddress address = TestDatabase.createEmpty();
    Schema.bringUpToDate(address);
    List<String> applied = appliedMigrations(address);

    Schema.bringUpToDate(address);

    assertThat(appliedMigrations(address)).isNotEmpty().isEqualTo(applied);
  }

  @Test
  void isExaminedAgainWhenTheHistoryOfMigrationsHasChanged() throws Exception {
    DatabaseAddress address = TestDatabase.createEmpty();
    Schema.bringUpToDate(address);
    jdbi(address)
        .useHandle(handle ->
            handle.execute("update flyway_schema_history set checksum = 1 where version = '1'"));

    assertThatThrownBy(() -> Schema.bringUpToDate(address))
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("checksum mismatch");
  }

  @Test
  void ofANewerProgramIsRefusedAndNotTouched() throws Exception {
    DatabaseAddress address = TestDatabase.createEmpty();
    Schema.bringUpToDate(address);
    jdbi(address)
        .useHandle(handle ->
            handle.execute(
                """
                insert into flyway_schema_history
                select installed_rank + 1000, '900', 'from the future', type, script,
                       checksum, installed_by, installed_on, execution_time, success
                from flyway_schema_history where version = '1'
                """));
    List<String> applied = appliedMigrations(address);

    assertThatThrownBy(() -> Schema.bringUpToDate(address))
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("has version 900, but this program knows only up to")
        .hasMessageContaining("nothing was changed");
    assertThat(appliedMigrations(address)).isEqualTo(applied);
  }

  @Test
  void isRefusedInOneLineWhenTheDatabaseHoldsSomethingElse() throws Exception {
    DatabaseAddress address = TestDatabase.createEmpty();
    jdbi(address).useHandle(handle -> handle.execute("create table somebody_elses (id int)"));

    assertThatThrownBy(() -> Schema.bringUpToDate(address))
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("non-empty schema")
        .hasMessageNotContainingAny("\n");
  }

  @Test
  void cannotBeMadeWhereNothingAnswers() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    assertThatThrownBy(() ->
            Database.external("postgresql://someone:s3cret@127.0.0.1:" + port + "/db").close())
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("cannot use PostgreSQL at 127.0.0.1:" + port + "/db")
        .hasMessageNotContainingAny("s3cret", "\n");
  }

  @Test
  void cannotBeMadeWhereTheOtherSideIsSilent() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/db?user=a";
      var started = System.nanoTime();

      assertThatThrownBy(() -> Database.external(url).close())
          .isInstanceOf(DatabaseStartException.class)
          .hasMessageContaining("cannot use PostgreSQL at 127.0.0.1");
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void isThatOfThisProgramInAnExternalDatabaseGivenInEitherForm() throws Exception {
    DatabaseAddress address = TestDatabase.createEmpty();
    String password = address.properties().getProperty("password");
    String place = address.url().replace("jdbc:postgresql://", "");

    try (Database database = Database.external("postgresql://athena:" + password + "@" + place)) {
      EmbeddedDatabaseTest.remember(database, "external");
      assertThat(database.description()).isEqualTo("PostgreSQL at " + place);
    }
    String jdbcUrl = address.url() + "?user=athena&password=" + password;
    try (Database database = Database.external(jdbcUrl)) {
      String name =
          database
              .jdbi()
              .withHandle(handle ->
                  handle.createQuery("select name from procedure").mapTo(String.class).one());
      assertThat(name).isEqualTo("external");
    }
  }

  @Test
  void cannotBeMadeFromAUrlOfAnotherKind() {
    for (String url : List.of("mysql://root:s3cret@host/db", "jdbc:h2:mem:s3cret", "s3cret", "")) {
      assertThatThrownBy(() -> Database.external(url).close())
          .isInstanceOf(DatabaseStartException.class)
          .hasMessageContaining("postgresql://USER@HOST:PORT/DATABASE")
          .hasMessageNotContainingAny("s3cret");
    }
  }

  private static List<String> appliedMigrations(DatabaseAddress address) {
    return jdbi(address)
        .withHandle(handle ->
            handle
                .createQuery("select h::text from flyway_schema_history h order by 1")
                .mapTo(String.class)
                .list());
  }

  private static Jdbi jdbi(DatabaseAddress address) {
    var properties = new Properties();
    properties.putAll(address.properties());
    return Jdbi.create(address.url(), properties);
  }
}
