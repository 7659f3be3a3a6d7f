package io.athena.procedures.execution;

import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.v1.FailureKind;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of this server, each pumped by a virtual thread of its own. Thread-safe. */
final class Runs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Runs.class);

  private final Map<UUID, LiveRun> live = new ConcurrentHashMap<>();
  private final Lock claiming = new ReentrantLock();
  private final SandboxClient sandboxes;
  private final CompletionWriter completions;
  private final EventStore store;
  private final Artifacts artifacts;
  private final ExecutionSettings settings;
  private final Clock clock;

  Runs(Jdbi jdbi, SandboxClient sandboxes, ExecutionSettings settings, Clock clock) {
    this.sandboxes = sandboxes;
    this.completions = new CompletionWriter(jdbi);
    this.store = new EventStore(jdbi, settings.storage().flushInterval(), live::values);
    this.artifacts = new Artifacts(jdbi);
    this.settings = settings;
    this.clock = clock;
  }

  EventStore store() {
    return store;
  }

  CompletionWriter completions() {
    return completions;
  }

  /**
   * Held from before a run is claimed until it is registered: only without it does a row of this
   * server that has no run say that the run is lost.
   */
  Lock claiming() {
    return claiming;
  }

  /** The run if this server runs it now. */
  @Nullable LiveRun find(UUID executionId) {
    return live.get(executionId);
  }

  Collection<LiveRun> all() {
    return live.values();
  }

  /** A reader of a run of this server; null if it runs elsewhere or not at all. */
  @Nullable LiveReader reader(UUID executionId, long afterSequence) {
    LiveRun run = live.get(executionId);
    // One from the queue may go back there as long as no worker has started it.
    boolean readable = run != null && (run.admission().isFollowed() || run.log().hasBegun());
    return run != null && readable ? reader(run, afterSequence) : null;
  }

  LiveReader reader(LiveRun run, long afterSequence) {
    return new LiveReader(run.admission().executionId(), run.log(), store, afterSequence);
  }

  /**
   * Makes a run known; {@link #start} begins it.
   *
   * @param recording its row; nobody hears of the run before it is committed
   */
  LiveRun register(Recording recording) {
    StorageBudget budget =
        new StorageBudget(settings.storage().outputBytes(), settings.storage().events());
    LiveRun run = new LiveRun(recording, new RunLog(budget));
    if (recording.isDone()) {
      run.log().open();
    }
    live.put(run.admission().executionId(), run);
    return run;
  }

  /** Who has runs begun. */
  interface Owner {
    /**
     * The last look at a run before its program starts; may end it.
     *
     * @throws ServiceException if it may not begin now; then it is refused
     */
    default void beforeStart(LiveRun run) {}

    /** No worker started the program; told before those who wait for its events are. */
    void refused(LiveRun run, ServiceException refusal);

    /** The run is over, in whatever way. */
    void ended(LiveRun run);
  }

  /** Begins a run. */
  void start(LiveRun run, Owner owner) {
    Thread.ofVirtual()
        .name("execution-" + run.admission().executionId())
        .start(() -> pump(run, owner));
  }

  private void pump(LiveRun run, Owner owner) {
    Pump pump = new Pump(run, completions, store, artifacts, clock);
    try {
      ServiceException refusal = begin(run, owner);
      if (refusal == null) {
        refusal = pump.pump(sandboxes);
      }
      if (refusal != null) {
        owner.refused(run, refusal);
        run.log().refuse(refusal);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      abandon(run);
    } catch (RuntimeException unexpected) {
      log.error("execution {} could not go on", run.admission().executionId(), unexpected);
      abandon(run);
    } finally {
      live.remove(run.admission().executionId(), run);
      run.finished();
      owner.ended(run);
    }
  }

  private static @Nullable ServiceException begin(LiveRun run, Owner owner) {
    try {
      owner.beforeStart(run);
      return null;
    } catch (ServiceException refusal) {
      return refusal;
    }
  }

  /** A row that it has stays RUNNING until some server finds that nobody runs it. */
  private static void abandon(LiveRun run) {
    run.end(FailureKind.FAILURE_KIND_WORKER_LOST, "the server could not go on with the run");
    run.log()
        .refuse(
            new UnavailableException(
                "RUN_LOST",
                "the server could not go on with execution "
                    + run.admission().executionId()
                    + (run.isRecorded()
                        ? "; its outcome will be recorded as lost"
                        : "; nothing of it was recorded, and the call can be repeated"),
                Map.of("execution_id", run.admission().executionId().toString())));
  }

  /**
   * Ends all runs and waits for their outcomes, for a time; then breaks off the calls of those that
   * are left and waits once more. True if all have ended.
   */
  boolean endAll(String why, Duration longest) throws InterruptedException {
    live.values().forEach(run -> run.end(FailureKind.FAILURE_KIND_WORKER_LOST, why));
    if (awaitAll(longest)) {
      return true;
    }
    live.values().forEach(run -> run.kill(why));
    return awaitAll(longest);
  }

  /** Waits until nothing runs, at most for a time. True if nothing runs. */
  boolean awaitAll(Duration longest) throws InterruptedException {
    long deadline = System.nanoTime() + longest.toNanos();
    for (LiveRun run : live.values()) {
      if (!run.awaitFinish(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    store.close();
  }
}
