package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.ServerProcess;
import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.v1.CodeVersion;
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
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Callers save without a pause while the server, or all of PostgreSQL, is killed with SIGKILL,
 * again and again.
 *
 * <p>{@code mvn -pl server -am test -Dtest=KilledSavesTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dathena.test.killed-saves=200} does it until 200 saves are acknowledged; it takes some minutes.
 */
class KilledSavesTest {
  private static final int SAVES = Integer.getInteger("athena.test.killed-saves", 24);
  private static final int SAVES_FOR_EACH_KILL = 8;
  private static final int CALLERS = 4;
  private static final long LONGEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

  private final long seed = Long.getLong("athena.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AtomicInteger codes = new AtomicInteger();
  private final Map<String, CodeVersion> acknowledged = new ConcurrentHashMap<>();

  /** Saves that failed because of the kill; each is repeated after it. By procedure. */
  private final Map<Long, String> cutOff = new ConcurrentHashMap<>();

  private final List<Long> ids = new ArrayList<>();
  private Path data;
  private Path database;
  private int kills;
  private int cutOffInAll;
  private int committedUnheard;

  @BeforeEach
  void choosePlace(@TempDir Path folder) {
    data = folder;
    database = folder.resolve("server");
  }

  @Test
  void whatWasAcknowledgedIsThereAndGitAndRowsAgree()
      throws IOException, InterruptedException, ExecutionException, DatabaseStartException {
    System.out.printf("killed saves: %d, seed %d%n", SAVES, seed);
    try (ServerProcess server = ServerProcess.onDirectory(database)) {
      for (int i = 0; i < CALLERS; i++) {
        ids.add(remember(server, "p" + i));
      }
    }
    while (acknowledged.size() < SAVES) {
      try (ServerProcess server = ServerProcess.onDirectory(database)) {
        killWhileSaving(server);
      }
      kills++;
      assertNothingIsAmiss(data.resolve("mirror-" + kills));
    }
    try (ServerProcess server = ServerProcess.onDirectory(database)) {
      cutOff.forEach((id, code) -> save(server, id, code));
    }
    assertNothingIsAmiss(data.resolve("mirror"));

    System.out.printf(
        "%d saves acknowledged; %d kills cut off %d, of which %d were committed%n",
        acknowledged.size(), kills, cutOffInAll, committedUnheard);
    assertThat(kills).isPositive();
    assertThat(cutOffInAll).isPositive();
  }

  private void killWhileSaving(ServerProcess server)
      throws IOException, InterruptedException, ExecutionException {
    List<ProcessHandle> victims = random.nextBoolean() ? postgres() : List.of(server.process());
    CountDownLatch untilKill = new CountDownLatch(random.nextInt(2 * SAVES_FOR_EACH_KILL));
    long delay = (long) (random.nextDouble() * LONGEST_DELAY_NANOS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> lastBegun =
          ids.stream().map(id -> threads.submit(() -> saveOn(server, id, untilKill))).toList();
      assertThat(untilKill.await(60, TimeUnit.SECONDS)).isTrue();
      // Not to wait for anything: the moment of the kill is what is random.
      LockSupport.parkNanos(delay);
      long killed = System.nanoTime();
      victims.forEach(ProcessHandle::destroyForcibly);
      for (Future<Long> begun : lastBegun) {
        cutOffInAll += begun.get() - killed < 0 ? 1 : 0;
      }
    }
    // Without its database it would stop in good order, which is not what is tried here.
    server.kill();
  }

  /**
   * Saves until it can no more; when it began the save that failed. First it repeats what was cut
   * off, as callers do.
   */
  private long saveOn(ServerProcess server, long id, CountDownLatch untilKill) {
    while (true) {
      String code = cutOff.getOrDefault(id, "print(" + codes.incrementAndGet() + ")\n");
      cutOff.put(id, code);
      long begin = System.nanoTime();
      try {
        save(server, id, code);
      } catch (StatusRuntimeException killed) {
        assertThat(killed.getStatus().getCode().name()).isIn("UNAVAILABLE", "UNKNOWN", "CANCELLED");
        return begin;
      }
      cutOff.remove(id);
      untilKill.countDown();
    }
  }

  private void save(ServerProcess server, long id, String code) {
    acknowledged.put(
        code,
        server
            .save(
                SaveProcedureCodeRequest.newBuilder()
                    .setProcedureId(id)
                    .setCode(code)
                    .setRequestId(code.strip())
                    .build())
            .getVersion());
  }

  /** The postmaster, before what it has started. */
  private List<ProcessHandle> postgres() throws IOException {
    try (Stream<String> lines = Files.lines(database.resolve("postgres/postmaster.pid"))) {
      long pid = Long.parseLong(lines.findFirst().orElseThrow().strip());
      ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
      return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    }
  }

  /** Starts the database as a server would, and looks at all of it. */
  private void assertNothingIsAmiss(Path mirror) throws IOException, DatabaseStartException {
    try (Database reopened = Database.embedded(database)) {
      Jdbi jdbi = reopened.jdbi();
      if (!acknowledged.isEmpty()) {
        StoredHistories.assertAgree(jdbi, "default", mirror);
      }
      Codes stored = new Codes(jdbi);
      acknowledged.forEach((code, version) ->
          assertThat(stored.resolve(version.getProcedureId(), "v" + version.getVersion()).code())
              .describedAs("seed %d", seed)
              .isEqualTo(code));
      List<String> hashes =
          jdbi.withHandle(handle ->
              handle.createQuery("select sha256 from code_version").mapTo(String.class).list());
      // A repeated request makes one version, also if the first one was cut off.
      Set<String> distinct = new TreeSet<>(hashes);
      assertThat(hashes).hasSize(distinct.size());
      committedUnheard +=
          (int)
              cutOff.values().stream()
                  .filter(code -> distinct.contains(NewVersion.of(code, "", "").sha256()))
                  .count();
    }
  }

  private static long remember(ServerProcess server, String name) {
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
