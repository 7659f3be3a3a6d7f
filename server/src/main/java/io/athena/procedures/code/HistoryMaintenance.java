package io.athena.procedures.code;

import io.athena.procedures.db.Transactions;
import io.athena.procedures.git.UnreachableObjects;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the commits of forgotten procedures from time to time. Of several servers on one database
 * one does it at a time; while nothing is due it costs one small statement. Thread-safe.
 */
public final class HistoryMaintenance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HistoryMaintenance.class);
  private static final int COMMITS_AT_A_TIME = 50_000;

  private final Jdbi jdbi;
  private final Duration grace;
  private final int commitsAtATime;
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("history-maintenance").factory());

  /**
   * Of a database with the server's schema.
   *
   * @param grace how long a commit stays after its procedure was forgotten, for whoever reads it
   *     just then; at least {@link UnreachableObjects#SHORTEST_GRACE}
   */
  public HistoryMaintenance(Jdbi jdbi, Duration grace) {
    this(jdbi, grace, COMMITS_AT_A_TIME);
  }

  HistoryMaintenance(Jdbi jdbi, Duration grace, int commitsAtATime) {
    if (grace.compareTo(UnreachableObjects.SHORTEST_GRACE) < 0) {
      throw new IllegalArgumentException("the grace period is at least a day, not " + grace);
    }
    this.jdbi = jdbi;
    this.grace = grace;
    this.commitsAtATime = commitsAtATime;
  }

  /** Begins to do it by itself, for the first time after {@code pause}. */
  public void start(Duration pause) {
    var _ =
        scheduler.scheduleWithFixedDelay(
            this::runAndReport, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void runAndReport() {
    try {
      int removed = run();
      if (removed > 0) {
        log.info("removed {} git objects of forgotten procedures", removed);
      }
    } catch (RuntimeException e) {
      // Thrown on, it would end the repetition unheard.
      log.warn("git objects of forgotten procedures could not be removed; tried again later", e);
    }
  }

  /**
   * Does it now, unless another server does.
   *
   * @return how many objects were removed
   */
  public int run() {
    int removed = 0;
    Part part;
    do {
      part = Transactions.inTransaction(jdbi, this::removePart);
      removed += part.removed();
    } while (part.isMoreToDo());
    return removed;
  }

  /** What one transaction has done. */
  private record Part(int removed, boolean isMoreToDo) {}

  private Part removePart(Handle handle) {
    HistoryMaintenanceDao dao = handle.attach(HistoryMaintenanceDao.class);
    if (!dao.tryLock()) {
      return new Part(0, false);
    }
    List<HistoryMaintenanceDao.Forgotten> due = dao.due(grace.toSeconds(), commitsAtATime);
    if (due.isEmpty()) {
      return new Part(0, false);
    }
    String project = due.getFirst().project();
    List<ObjectId> commits = due.stream().map(HistoryMaintenanceDao.Forgotten::commit).toList();
    int removed = UnreachableObjects.remove(handle, project, commits);
    dao.settle(project, grace.toSeconds(), commitsAtATime);
    return new Part(removed, true);
  }

  /** Waits until what is under way is done. */
  @Override
  public void close() {
    scheduler.close();
  }
}
