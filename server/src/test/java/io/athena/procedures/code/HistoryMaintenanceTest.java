package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.Mirror;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryMaintenanceTest {
  private static final Duration GRACE = Duration.ofDays(14);

  private TestDatabase database;
  private Procedures procedures;
  private CodeVersions codeVersions;
  private HistoryMaintenance maintenance;

  @BeforeEach
  void open() {
    database = TestDatabase.create();
    procedures = TestProcedures.on(database);
    codeVersions = TestCodeVersions.on(database);
    maintenance = new HistoryMaintenance(database.jdbi(), GRACE);
  }

  @AfterEach
  void close() {
    maintenance.close();
    database.close();
  }

  @Test
  void removesWhatOnlyForgottenProceduresHadAfterTheGracePeriod(@TempDir Path folder)
      throws IOException {
    long kept = TestProcedures.remember(procedures, "shop", "kept").getProcedureId();
    long forgotten = TestProcedures.remember(procedures, "shop", "forgotten").getProcedureId();
    save(kept, "shared");
    save(forgotten, "shared");
    save(forgotten, "alone");
    int before = objects();
    // Two commits, two trees, one definition, and the code that nobody else has.
    int ofTheForgotten = 6;

    // Of old it goes no sooner: a clone of it may have begun just now.
    age(GRACE.plusDays(30));
    forget(forgotten);
    assertThat(maintenance.run()).isZero();
    forgottenFor(GRACE.minusHours(1));
    assertThat(maintenance.run()).isZero();
    assertThat(objects()).isEqualTo(before);
    forgottenFor(GRACE.plusHours(1));

    assertThat(maintenance.run()).isEqualTo(ofTheForgotten);
    assertThat(objects()).isEqualTo(before - ofTheForgotten);
    assertThat(maintenance.run()).isZero();
    Mirror mirror =
        Mirror.of(new GitRepositories(database.jdbi()).open("shop"), folder.resolve("mirror"));
    mirror.assertSound();
    assertThat(mirror.git("show", "procedures/" + kept + ":main.py")).isEqualTo("shared");
  }

  @Test
  void leavesWhatAWriterNeedsAgain(@TempDir Path folder) throws IOException {
    long forgotten = TestProcedures.remember(procedures, "again", "forgotten").getProcedureId();
    save(forgotten, "wanted again");
    forget(forgotten);
    age(GRACE.plusDays(1));
    forgottenFor(GRACE.plusDays(1));
    long other = TestProcedures.remember(procedures, "again", "other").getProcedureId();

    save(other, "wanted again");
    assertThat(maintenance.run()).isEqualTo(3);

    Mirror.of(new GitRepositories(database.jdbi()).open("again"), folder.resolve("mirror"))
        .assertSound();
  }

  @Test
  void isSafeBesideWriters(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    AtomicInteger names = new AtomicInteger();
    // Days do not pass in the middle of a transaction.
    ReadWriteLock time = new ReentrantReadWriteLock();
    Lock noTimePasses = time.readLock();
    Lock timePasses = time.writeLock();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < 6; writer++) {
        writers.add(
            threads.submit(() -> {
              // All write the same few codes, so that one's garbage is what another needs.
              for (int i = 0; i < 25; i++) {
                long id =
                    TestProcedures.remember(procedures, "busy", "p" + names.incrementAndGet())
                        .getProcedureId();
                String first = "code " + i % 3;
                String second = "code " + (i + 1) % 3;
                within(noTimePasses, () -> save(id, first));
                within(noTimePasses, () -> save(id, second));
                if (i % 5 != 0) {
                  within(noTimePasses, () -> forget(id));
                }
              }
            }));
      }
      int removed = 0;
      while (!writers.stream().allMatch(Future::isDone)) {
        within(
            timePasses,
            () -> {
              age(GRACE.plusDays(1));
              forgottenFor(GRACE.plusDays(1));
            });
        removed += maintenance.run();
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      age(GRACE.plusDays(1));
      forgottenFor(GRACE.plusDays(1));
      removed += maintenance.run();
      assertThat(removed).isPositive();
    }

    Mirror mirror =
        Mirror.of(new GitRepositories(database.jdbi()).open("busy"), folder.resolve("mirror"));
    mirror.assertSound();
    assertThat(mirror.git("for-each-ref", "refs/heads").lines()).hasSize(6 * 5);
    assertThat(mirror.git("rev-list", "--objects", "--all").lines()).hasSize(objects());
  }

  @Test
  void goesThroughALongHistoryInParts() {
    long forgotten = TestProcedures.remember(procedures, "long", "forgotten").getProcedureId();
    for (int version = 0; version < 7; version++) {
      save(forgotten, "print(%d)".formatted(version));
    }
    forget(forgotten);
    age(GRACE);
    forgottenFor(GRACE.plusDays(1));

    try (HistoryMaintenance inParts = new HistoryMaintenance(database.jdbi(), GRACE, 3)) {
      assertThat(inParts.run()).isEqualTo(3 * 7 + 1);
    }
    assertThat(objects()).isZero();
  }

  @Test
  void isDoneByOneServerAtATime() {
    long forgotten = TestProcedures.remember(procedures, "lonely", "forgotten").getProcedureId();
    save(forgotten, "print()");
    forget(forgotten);
    age(GRACE);
    forgottenFor(GRACE.plusDays(1));

    database
        .jdbi()
        .useTransaction(handle -> {
          assertThat(handle.attach(HistoryMaintenanceDao.class).tryLock()).isTrue();
          // A handle is its thread's.
          assertThat(CompletableFuture.supplyAsync(maintenance::run).join()).isZero();
        });
    assertThat(maintenance.run()).isEqualTo(4);
  }

  @Test
  void refusesAGracePeriodThatWritersCannotRelyOn() {
    assertThatThrownBy(() -> new HistoryMaintenance(database.jdbi(), Duration.ofHours(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least a day");
  }

  private static void within(Lock lock, Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private void save(long id, String code) {
    codeVersions.save(
        SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build());
  }

  private void forget(long id) {
    procedures.forget(ForgetProcedureRequest.newBuilder().setProcedureId(id).build());
  }

  /** Lets time pass for all objects. Locks them in the order in which writers do. */
  private void age(Duration duration) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                with aged as (
                  select project, object_id from git_object
                  order by project, object_id
                  for update)
                update git_object o set write_time = now() - make_interval(secs => ?)
                from aged where o.project = aged.project and o.object_id = aged.object_id
                """,
                duration.toSeconds()));
  }

  /** Lets time pass since procedures were forgotten. */
  private void forgottenFor(Duration duration) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update forgotten_commit set forget_time = now() - make_interval(secs => ?)",
                duration.toSeconds()));
  }

  private int objects() {
    return database
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from git_object").mapTo(Integer.class).one());
  }
}
