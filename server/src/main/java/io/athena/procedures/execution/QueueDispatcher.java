package io.athena.procedures.execution;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
  private final Semaphore news = new Semaphore(1);
  private final Thread thread;
  private volatile Duration pause = Duration.ZERO;

  QueueDispatcher(Admissions admissions, Runs runs, int runsAtATime) {
    this.admissions = admissions;
    this.runs = runs;
    this.places = new Semaphore(runsAtATime);
    this.thread = Thread.ofVirtual().name("execution-queue").unstarted(this::dispatch);
  }

  void start() {
    thread.start();
  }

  /**
   * Puts a run into the queue, or finds the one that the same request put there before.
   *
   * @throws ServiceException if it may not run
   */
  UUID submit(ExecuteProcedureRequest request) {
    UUID id = admissions.enqueue(request);
    news.release();
    return id;
  }

  private void dispatch() {
    try {
      while (true) {
        if (news.tryAcquire(LOOK_AROUND.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
        Thread.sleep(pause);
        pause = Duration.ZERO;
        claimAll();
      }
    } catch (InterruptedException closed) {
      log.debug("submitted executions are no longer claimed");
    }
  }

  private void claimAll() throws InterruptedException {
    while (pause.isZero()) {
      places.acquire();
      int more = Math.min(places.availablePermits(), CLAIMED_AT_ONCE - 1);
      int taken = 1 + (places.tryAcquire(more) ? more : 0);
      int used = 0;
      try {
        for (AdmissionDao.Claimed claimed : admissions.claim(taken)) {
          used++;
          runs.start(runs.register(admissions.admission(claimed)), this);
        }
      } catch (RuntimeException failure) {
        log.error("the queue of executions could not be read; it is tried again", failure);
        pause = LOOK_AROUND;
      } finally {
        places.release(taken - used);
      }
      if (used < taken) {
        return;
      }
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
    places.release();
    news.release();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
