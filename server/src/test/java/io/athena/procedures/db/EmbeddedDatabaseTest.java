package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseTest {
  @TempDir static Path used;

  @TempDir Path temporary;

  @BeforeAll
  static void use() throws Exception {
    linkPrograms(used);
    Database.embedded(used).close();
  }

  @Test
  void keepsItsDataWhenTheServerIsStoppedAndStartedAgain() throws Exception {
    Path directory = usedDirectory();
    try (Database database = Database.embedded(directory)) {
      remember(database, "kept");
    }
    assertThat(postgresProcesses(directory)).isEmpty();

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).containsExactly("kept");
    }
  }

  @Test
  void isOpenOnlyToWhoeverCanReadThePasswordFile() throws Exception {
    Path directory = temporary.resolve("data");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
      String url = postgres.address().url();

      assertThatThrownBy(() -> DriverManager.getConnection(url, "athena", "wrong").close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
      Path password = directory.resolve("postgres-password");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
          .isEqualTo("rw-------");
      assertThat(postgres.address().toString()).doesNotContain(Files.readString(password));
    }
  }

  @Test
  void refusesADirectoryThatAnotherServerUsesAndNamesItsProcess() throws Exception {
    Path directory = usedDirectory();
    try (ServerProcess other = ServerProcess.start(directory)) {
      assertThatThrownBy(() -> Database.embedded(directory).close())
          .isInstanceOf(DatabaseStartException.class)
          .hasMessage(
              "the data directory %s is in use by the server with process id %d; stop that server, or choose another directory with --data-dir",
              directory.toRealPath(), other.pid());
    }
  }

  @Test
  void refusesADirectoryThatThisProcessUsesAndKeepsIt() throws Exception {
    Path directory = usedDirectory();
    try (Database database = Database.embedded(directory)) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> Database.embedded(directory).close())
            .isInstanceOf(DatabaseStartException.class)
            .hasMessageContaining("is in use by the server with process id");
      }
      remember(database, "still works");
    }
  }

  @Test
  void takesOverAfterTheServerWasKilled() throws Exception {
    Path directory = usedDirectory();
    ServerProcess server = ServerProcess.start(directory);
    server.kill();

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).containsExactly("made by the server process");
    }
  }

  @Test
  void takesOverWhenOnlyPostgresSurvivedTheKill() throws Exception {
    Path directory = usedDirectory();
    ServerProcess server = ServerProcess.start(directory);
    server.killWithItsGuardian();
    assertThat(postgresProcesses(directory)).isNotEmpty();

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).containsExactly("made by the server process");
    }
    assertThat(postgresProcesses(directory)).isEmpty();
  }

  @Test
  void recoversWhenPostgresItselfWasKilledToo() throws Exception {
    Path directory = usedDirectory();
    ServerProcess server = ServerProcess.start(directory);
    server.killWithItsGuardian();
    for (ProcessHandle process : postgresProcesses(directory)) {
      process.destroyForcibly();
    }

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).containsExactly("made by the server process");
    }
  }

  @Test
  void startsAlthoughTheNumberInAStalePidFileBelongsToAnotherProgram() throws Exception {
    Path directory = usedDirectory();
    Database.embedded(directory).close();
    Files.writeString(
        directory.resolve("postgres/postmaster.pid"), ProcessHandle.current().pid() + "\n");

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).isEmpty();
    }
  }

  @Test
  void startsAgainAfterItsFirstStartWasInterruptedHalfway() throws Exception {
    Path directory = newDirectory();
    Files.createDirectories(directory.resolve("postgres.unfinished/base"));
    Files.writeString(directory.resolve("postgres.unfinished/PG_VERSION"), "18");

    try (Database database = Database.embedded(directory)) {
      assertThat(names(database)).isEmpty();
    }
  }

  @Test
  void saysThatADirectoryCannotBeWritten() throws Exception {
    Path file = Files.createFile(temporary.resolve("file"));

    assertThatThrownBy(() -> Database.embedded(file.resolve("data")).close())
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("cannot be written: " + file + ": is no directory")
        .hasMessageContaining("choose another with --data-dir");
    assertThatThrownBy(() -> Database.embedded(file).close())
        .isInstanceOf(DatabaseStartException.class)
        .hasMessage("the data directory %s is no directory; choose another with --data-dir", file);
  }

  @Test
  void leavesDataOfAnotherMajorVersionAlone() throws Exception {
    Path directory = newDirectory();
    Path version = directory.resolve("postgres/PG_VERSION");
    Files.createDirectories(version.getParent());
    Files.writeString(version, "17\n");

    assertThatThrownBy(() -> Database.embedded(directory).close())
        .isInstanceOf(DatabaseStartException.class)
        .hasMessageContaining("written by PostgreSQL 17");
    assertThat(version.getParent()).isDirectoryContaining("glob:**PG_VERSION");
    assertThat(version).hasContent("17");
  }

  @Test
  void makesEveryCommitDurable() throws Exception {
    try (Database database = Database.embedded(usedDirectory())) {
      List<String> settings =
          database
              .jdbi()
              .withHandle(handle ->
                  handle
                      .createQuery(
                          """
                          select setting from pg_settings
                          where name in ('fsync', 'full_page_writes', 'synchronous_commit')
                          """)
                      .mapTo(String.class)
                      .list());
      assertThat(settings).containsExactly("on", "on", "on");
    }
  }

  @Test
  void isKeptUnderTheXdgDataHome() {
    assertThat(Database.defaultDataDirectory(Map.of("XDG_DATA_HOME", "/x", "HOME", "/home/a")))
        .isEqualTo(Path.of("/x/athena"));
    assertThat(Database.defaultDataDirectory(Map.of("HOME", "/home/a")))
        .isEqualTo(Path.of("/home/a/.local/share/athena"));
    assertThat(Database.defaultDataDirectory(Map.of("XDG_DATA_HOME", "relative", "HOME", "/h")))
        .isEqualTo(Path.of("/h/.local/share/athena"));
  }

  /** With the program files in it, because to unpack them takes most of a first start. */
  private Path newDirectory() throws IOException, DatabaseStartException {
    Path directory = Files.createDirectory(temporary.resolve("data"));
    linkPrograms(directory);
    return directory;
  }

  private static void linkPrograms(Path directory) throws IOException, DatabaseStartException {
    Path shared = Files.createDirectories(Path.of("target", "postgresql").toAbsolutePath());
    Path home = PostgresBinaries.in(shared);
    Files.createSymbolicLink(directory.resolve(home.getFileName()), home);
  }

  /** As a server leaves it; a copy, because to make one anew takes longer. */
  private Path usedDirectory() throws IOException {
    Path directory = temporary.resolve("data");
    try (Stream<Path> files = Files.walk(used)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(
            file,
            directory.resolve(used.relativize(file)),
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
      }
    }
    return directory;
  }

  static void remember(Database database, String name) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into procedure (project, name, category, description, definition,
                                       steps_text, created_by, create_time, update_time)
                values ('default', ?, '', '', '{}', '', '', now(), now())
                """,
                name));
  }

  private static List<String> names(Database database) {
    return database
        .jdbi()
        .withHandle(
            handle -> handle.createQuery("select name from procedure").mapTo(String.class).list());
  }

  private static List<ProcessHandle> postgresProcesses(Path directory) throws IOException {
    Path data = directory.toRealPath().resolve("postgres");
    return ProcessHandle.allProcesses()
        .filter(process -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd")).equals(data);
          } catch (IOException e) {
            return false;
          }
        })
        .toList();
  }

  /** A server in a process of its own. */
  private static final class ServerProcess implements AutoCloseable {
    private final Process process;

    private ServerProcess(Process process) {
      this.process = process;
    }

    static ServerProcess start(Path directory) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-Xshare:auto",
                  "-XX:TieredStopAtLevel=1",
                  ServerProgram.class.getName(),
                  directory.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String line = process.inputReader().lines().filter("ready"::equals).findFirst().orElse("");
      assertThat(line).as("what the server process says").isEqualTo("ready");
      return new ServerProcess(process);
    }

    long pid() {
      return process.pid();
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    void killWithItsGuardian() throws InterruptedException {
      List<ProcessHandle> children = process.children().toList();
      assertThat(children).as("the guardian").hasSize(1);
      children.forEach(ProcessHandle::destroyForcibly);
      kill();
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      assertThat(process.onExit().orTimeout(30, TimeUnit.SECONDS).join().exitValue()).isZero();
    }
  }
}
