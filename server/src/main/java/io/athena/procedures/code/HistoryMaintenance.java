package io.athena.procedures.code;

import io.athena.procedures.git.UnreachableObjects;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the commits of forgotten procedures from time to time. Servers on one database may do it
 * at the same time. Thread-safe.
 */
public final class HistoryMaintenance implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HistoryMaintenance.class);
  private static final int COMMITS_AT_A_TIME = 50_000;

  private final Jdbi jdbi;
  private final UnreachableObjects unreachable;
  private final Duration grace;
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("history-maintenance").factory());

  /**
   * Of a database with the server's schema.
   *
   * @param grace how long a commit stays that no branch has any more; at least one day
   */
  public HistoryMaintenance(Jdbi jdbi, Duration grace) {
    this.jdbi = jdbi;
    this.unreachable = new UnreachableObjects(jdbi);
    this.grace = grace;
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
   * Does it now.
   *
   * @return how many objects were removed
   */
  public int run() {
    int removed = 0;
    int removedBefore = -1;
    // What could not be removed is found again: then nothing more can be done now.
    while (removed > removedBefore) {
      removedBefore = removed;
      List<HistoryMaintenanceDao.Candidate> candidates =
          jdbi.withExtension(
              HistoryMaintenanceDao.class,
              dao -> dao.candidates(grace.toSeconds(), COMMITS_AT_A_TIME));
      Map<String, List<ObjectId>> byProject =
          candidates.stream()
              .collect(
                  Collectors.groupingBy(
                      HistoryMaintenanceDao.Candidate::project,
                      TreeMap::new,
                      Collectors.mapping(
                          candidate -> ObjectId.fromRaw(candidate.objectId()),
                          Collectors.toList())));
      for (Map.Entry<String, List<ObjectId>> project : byProject.entrySet()) {
        removed += unreachable.remove(project.getKey(), project.getValue(), grace);
      }
    }
    return removed;
  }

  /** Waits until what is under way is done. */
  @Override
  public void close() {
    scheduler.close();
  }
}
