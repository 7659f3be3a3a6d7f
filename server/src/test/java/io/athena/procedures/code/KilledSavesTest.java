package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Server and PostgreSQL are killed with SIGKILL in the middle of saves, again and again.
 *
 * <p>{@code mvn -pl server -am test -Dtest=KilledSavesTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dathena.test.killed-saves=200} does it with 200 saves; it takes some minutes.
 */
class KilledSavesTest {
  private static final int SAVES = Integer.getInteger("athena.test.killed-saves", 24);
  private static final int SAVES_FOR_EACH_KILL = 8;
  private static final int PROCEDURES = 4;
  private static final long LONGEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

  private final long seed = Long.getLong("athena.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, CodeVersion> acknowledged = new TreeMap<>();
  private final List<Long> ids = new ArrayList<>();
  private Path data;
  private Path database;
  private ServerProcess server;
  private int kills;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    data = folder;
    database = folder.resolve("server");
    server = ServerProcess.onDirectory(database);
  }

  @Test
  void whatWasAcknowledgedIsThereAndGitAndRowsAgree()
      throws IOException, InterruptedException, DatabaseStartException {
    System.out.printf("killed saves: %d, seed %d%n", SAVES, seed);
    try {
      for (int i = 0; i < PROCEDURES; i++) {
        ids.add(remember("p" + i));
      }
      int nextKill = random.nextInt(SAVES_FOR_EACH_KILL);
      for (int save = 0; save < SAVES; save++) {
        String code = "print(" + save + ")\n";
        long id = ids.get(random.nextInt(PROCEDURES));
        if (save == nextKill) {
          nextKill = save + 1 + random.nextInt(2 * SAVES_FOR_EACH_KILL - 1);
          killWhileSaving(id, code);
          assertNothingIsAmiss(data.resolve("mirror-" + ++kills));
          server = ServerProcess.onDirectory(database);
        }
        // If it was killed, this is what a caller does: the same request again.
        save(id, code);
      }
    } finally {
      server.close();
    }

    assertThat(kills).isPositive();
    assertThat(acknowledged).hasSize(SAVES);
    assertNothingIsAmiss(data.resolve("mirror"));
  }

  private void killWhileSaving(long id, String code) throws IOException, InterruptedException {
    boolean killsPostgres = random.nextBoolean();
    long delay = (long) (random.nextDouble() * LONGEST_DELAY_NANOS);
    ProcessHandle postgres = postgres();
    Thread killer =
        Thread.ofPlatform()
            .start(() -> {
              // Not to wait for anything: the moment of the kill is what is random.
              LockSupport.parkNanos(delay);
              if (killsPostgres) {
                postgres.destroyForcibly();
              } else {
                server.kill();
              }
            });
    try {
      save(id, code);
    } catch (StatusRuntimeException cutOff) {
      assertThat(cutOff.getStatus().getCode().name()).isIn("UNAVAILABLE", "UNKNOWN", "CANCELLED");
    }
    killer.join();
    // Without its database it would stop in good order, which is not what is tried here.
    server.kill();
    server.close();
  }

  private ProcessHandle postgres() throws IOException {
    try (Stream<String> lines = Files.lines(database.resolve("postgres/postmaster.pid"))) {
      long pid = Long.parseLong(lines.findFirst().orElseThrow().strip());
      return ProcessHandle.of(pid).orElseThrow();
    }
  }

  /** Starts the database as a server would, and looks at all of it. */
  private void assertNothingIsAmiss(Path mirror) throws IOException, DatabaseStartException {
    try (Database reopened = Database.embedded(database)) {
      Jdbi jdbi = reopened.jdbi();
      if (!acknowledged.isEmpty()) {
        StoredHistories.assertAgree(jdbi, "default", mirror);
      }
      acknowledged.forEach((code, version) ->
          assertThat(
                  new Codes(jdbi)
                      .resolve(version.getProcedureId(), "v" + version.getVersion())
                      .code())
              .describedAs("seed %d", seed)
              .isEqualTo(code));
      assertNoneIsThereTwice(jdbi);
    }
  }

  /** A repeated request makes one version, also if the first one was cut off. */
  private static void assertNoneIsThereTwice(Jdbi jdbi) {
    List<String> hashes =
        jdbi.withHandle(handle ->
            handle.createQuery("select sha256 from code_version").mapTo(String.class).list());
    Set<String> distinct = new TreeSet<>(hashes);
    assertThat(hashes).hasSize(distinct.size());
  }

  private void save(long id, String code) {
    CodeVersion version =
        server
            .save(
                SaveProcedureCodeRequest.newBuilder()
                    .setProcedureId(id)
                    .setCode(code)
                    .setRequestId(code.strip())
                    .build())
            .getVersion();
    acknowledged.put(code, version);
    assertThat(
            server
                .procedures()
                .getProcedureVersion(
                    GetProcedureVersionRequest.newBuilder()
                        .setProcedureId(id)
                        .setVersion(version.getCommitId())
                        .build())
                .getVersion()
                .getCode())
        .isEqualTo(code);
  }

  private long remember(String name) {
    return server
        .procedures()
        .rememberProcedure(
            RememberProcedureRequest.newBuilder()
                .setProcedure(Procedure.newBuilder().setName(name))
                .build())
        .getProcedure()
        .getProcedureId();
  }
}
