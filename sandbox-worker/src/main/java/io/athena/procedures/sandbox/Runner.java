package io.athena.procedures.sandbox;

import io.athena.procedures.v1.ExecutionEvent.Completed;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs programs on a pool's slots. Thread-safe. */
final class Runner {
  private static final Logger log = LoggerFactory.getLogger(Runner.class);

  /**
   * A slot can die while it waits; as nothing of the program has run then, another one is tried.
   */
  private static final int MOST_SLOTS_TRIED = 8;

  private static final Duration LONGEST_WAIT_FOR_SLOT = Duration.ofSeconds(15);

  private final WorkerConfig config;
  private final String workerId;
  private final RunAdmission admission;
  private final Environments environments;
  private final ScheduledExecutorService timer;
  private final Supplier<Map<String, String>> enforced;
  private final Clock clock;
  private final Instant started;
  private final Set<Run> runs = ConcurrentHashMap.newKeySet();

  Runner(
      WorkerConfig config,
      String workerId,
      RunAdmission admission,
      Environments environments,
      ScheduledExecutorService timer,
      Supplier<Map<String, String>> enforced,
      Clock clock) {
    this.config = config;
    this.workerId = workerId;
    this.admission = admission;
    this.environments = environments;
    this.timer = timer;
    this.enforced = enforced;
    this.clock = clock;
    this.started = clock.instant();
  }

  WorkerConfig config() {
    return config;
  }

  String workerId() {
    return workerId;
  }

  /** What is proved to be enforced, and how; empty until it is proved. */
  Map<String, String> enforced() {
    return enforced.get();
  }

  Duration uptime() {
    return Duration.between(started, clock.instant());
  }

  RunAdmission.Counts counts() {
    return admission.counts();
  }

  /** What the usual environment's pool holds. */
  SandboxPool.Stock stock() {
    return environments.usual().stock();
  }

  List<Environments.State> environments() {
    return environments.states();
  }

  /**
   * Runs a program to its end; returns when nothing of it is left and all it wrote was delivered.
   *
   * @param attached called when the program is about to start
   * @throws SandboxException if it was not started
   */
  Completed run(Program program, RunSink sink, Duration longestWait, BiConsumer<Run, Slot> attached)
      throws SandboxException, InterruptedException {
    SandboxPool pool = environments.pool(program.start().getEnvironment());
    pool.requireUsable();
    admission.admit(longestWait);
    pool.enter();
    try {
      for (int tried = 0; tried < MOST_SLOTS_TRIED; tried++) {
        Slot slot = pool.take(program.limits().ofSlot(), LONGEST_WAIT_FOR_SLOT);
        try {
          Run run = new Run(slot, program, sink, timer, config.stopGrace());
          if (begin(run, slot, pool)) {
            return finish(run, slot, attached);
          }
        } finally {
          pool.discard(slot);
        }
      }
      throw new IsolationUnavailableException(
          "%d slots in a row ended before they were used; the worker's log tells why"
              .formatted(MOST_SLOTS_TRIED));
    } finally {
      pool.leave();
      admission.release();
    }
  }

  /** Kills all programs. */
  void stopAll() {
    runs.forEach(run -> run.stop(StopCause.WORKER_CLOSED));
  }

  private boolean begin(Run run, Slot slot, SandboxPool pool) throws IsolationUnavailableException {
    try {
      run.begin();
      return true;
    } catch (IOException e) {
      log.info(
          "a slot of container {} was dead and is replaced: {}",
          slot.container().id(),
          e.toString());
      return false;
    } catch (IsolationUnavailableException e) {
      pool.condemn(slot.container(), String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private Completed finish(Run run, Slot slot, BiConsumer<Run, Slot> attached)
      throws InterruptedException {
    runs.add(run);
    try {
      attached.accept(run, slot);
      return run.finish(workerId);
    } finally {
      runs.remove(run);
    }
  }
}
