package io.athena.procedures.execution;

import io.athena.procedures.code.RunJudge;
import io.grpc.BindableService;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/**
 * The running of procedures: the service, and what works behind it. To be closed, before its
 * database and workers are. Thread-safe.
 */
public final class ExecutionFeature implements AutoCloseable {
  private static final Duration LONGEST_STOP = Duration.ofSeconds(3);

  private final Admissions admissions;
  private final Runs runs;
  private final Instance instance;
  private final QueueDispatcher queue;
  private final ExecutionService service;
  private final TrialRuns trialRuns;

  private ExecutionFeature(
      Jdbi jdbi,
      SandboxClient sandboxes,
      RunJudge judge,
      ExecutionSettings settings,
      Clock clock,
      Supplier<UUID> ids) {
    UUID instanceId = ids.get();
    LimitPolicy limits = new LimitPolicy(settings.defaultLimits(), settings.maximumLimits());
    ProjectPlaces places = new ProjectPlaces(settings.sharing().places());
    this.runs = new Runs(jdbi, sandboxes, settings, clock);
    this.admissions =
        new Admissions(
            jdbi,
            judge,
            limits,
            instanceId,
            settings.sharing().soleServer(),
            places,
            runs.completions(),
            ids,
            clock);
    this.instance = new Instance(jdbi, instanceId, runs, sandboxes, settings, clock);
    this.trialRuns = new TrialRuns(sandboxes, settings.defaultLimits());
    this.queue = new QueueDispatcher(admissions, runs, places, settings.queuedRuns());
    this.service =
        new ExecutionService(
            new Executions(admissions, runs, places),
            new ExecutionQueries(jdbi),
            new Cancellations(jdbi, runs, admissions, clock),
            queue,
            settings.heartbeat());
  }

  /**
   * Makes this server known, ends runs that were lost with an earlier one, and begins to run what
   * waits in the queue.
   *
   * @param judge says whether a version may run
   * @param ids gives UUIDv7s, later ones above earlier ones
   */
  public static ExecutionFeature start(
      Jdbi jdbi,
      SandboxClient sandboxes,
      RunJudge judge,
      ExecutionSettings settings,
      Clock clock,
      Supplier<UUID> ids)
      throws InterruptedException {
    ExecutionFeature feature = new ExecutionFeature(jdbi, sandboxes, judge, settings, clock, ids);
    feature.instance.start();
    feature.queue.start();
    return feature;
  }

  /** The public API, for the edge to serve. */
  public BindableService service() {
    return service;
  }

  /** Runs code that is no version yet. */
  public TrialRuns trialRuns() {
    return trialRuns;
  }

  /** How many runs are under way on this server. */
  public int running() {
    return runs.all().size();
  }

  /**
   * Takes nothing more from the queue and waits for what runs, at most for a time; true if nothing
   * runs any more.
   */
  public boolean drain(Duration longest) throws InterruptedException {
    queue.close();
    return runs.awaitAll(longest);
  }

  /** Ends what still runs, records its outcomes, and stops. */
  @Override
  public void close() {
    queue.close();
    try {
      boolean ended = runs.endAll("The server was stopped.", LONGEST_STOP);
      instance.close();
      if (ended) {
        instance.leave();
      }
    } catch (InterruptedException hurried) {
      instance.close();
      Thread.currentThread().interrupt();
    } finally {
      runs.close();
    }
  }
}
