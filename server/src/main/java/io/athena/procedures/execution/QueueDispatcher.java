package io.athena.procedures.execution;

import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.FailureKind;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs submitted executions, a bounded number at a time. The queue is in the database: it outlives
 * this server, and any number of servers share it. Thread-safe.
 */
final class QueueDispatcher implements Runs.Owner, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueueDispatcher.class);

  /** How soon what other servers queued is seen. */
  private static final Duration LOOK_AROUND = Duration.ofSeconds(1);

  private static final int CLAIMED_AT_ONCE = 16;

  private final Admissions admissions;
  private final Runs runs;
  private final Semaphore places;
  private final ProjectPlaces projects;
  private final Background dispatcher;
  private volatile Duration pause = Duration.ZERO;

  QueueDispatcher(Admissions admissions, Runs runs, ProjectPlaces projects, int runsAtATime) {
    this.admissions = admissions;
    this.runs = runs;
    this.projects = projects;
    this.places = new Semaphore(runsAtATime);
    this.dispatcher = new Background("execution-queue", LOOK_AROUND, this::dispatch);
  }

  void start() {
    dispatcher.start();
  }

  /**
   * Puts a run into the queue, or finds the one that the same request put there before.
   *
   * @throws ServiceException if it may not run
   */
  UUID submit(ExecuteProcedureRequest request) {
    UUID id = admissions.enqueue(request);
    dispatcher.wake();
    return id;
  }

  private void dispatch() throws InterruptedException {
    // Where no worker took the last one, the next has no better prospects at once.
    Thread.sleep(pause);
    pause = Duration.ZERO;
    claimAll();
  }

  private void claimAll() throws InterruptedException {
    while (pause.isZero() && !dispatcher.isStopping() && places.tryAcquire()) {
      int more = Math.min(places.availablePermits(), CLAIMED_AT_ONCE - 1);
      int taken = 1 + (places.tryAcquire(more) ? more : 0);
      int used = 0;
      runs.claiming().lock();
      try {
        for (AdmissionDao.Claimed claimed : admissions.claim(taken)) {
          Admission admission = setUp(claimed);
          if (admission != null && !projects.tryTake(admission.project())) {
            admissions.putBack(admission);
          } else if (admission != null) {
            runs.start(runs.register(Recording.done(admission)), this);
            used++; // From here on the run gives its place back itself.
          }
        }
      } catch (RuntimeException failure) {
        log.error("the queue of executions could not be read; it is tried again", failure);
        pause = LOOK_AROUND;
      } finally {
        runs.claiming().unlock();
        places.release(taken - used);
      }
      if (used < taken) {
        return;
      }
    }
  }

  /** What a claimed execution runs; null if that cannot be known: it is ended as lost later. */
  private @Nullable Admission setUp(AdmissionDao.Claimed claimed) throws InterruptedException {
    while (true) {
      try {
        return admissions.admission(claimed);
      } catch (RuntimeException failure) {
        if (DatabaseFailures.toUnavailable(failure).isEmpty() || dispatcher.isStopping()) {
          log.error("execution {} cannot be set up", claimed.executionId(), failure);
          return null;
        }
        log.warn("execution {} cannot be set up yet; it is tried again", claimed.executionId());
        Thread.sleep(LOOK_AROUND);
      }
    }
  }

  @Override
  public void beforeStart(LiveRun run) {
    try {
      admissions.judgeAgain(run.admission());
    } catch (FailedPreconditionException refusal) {
      if (!refusal.reason().equals("POLICY_VIOLATED")) {
        throw refusal;
      }
      run.end(FailureKind.FAILURE_KIND_CANCELLED, "Not run: " + refusal.getMessage() + ".");
    }
  }

  @Override
  public void refused(LiveRun run, ServiceException refusal) {
    log.info(
        "execution {} goes back into the queue: {}",
        run.admission().executionId(),
        refusal.getMessage());
    pause = refusal instanceof OverloadedException busy ? busy.retryAfter() : LOOK_AROUND;
    admissions.putBack(run.admission());
  }

  @Override
  public void ended(LiveRun run) {
    projects.release(run.admission().project());
    places.release();
    dispatcher.wake();
  }

  @Override
  public void close() {
    dispatcher.close();
  }
}
