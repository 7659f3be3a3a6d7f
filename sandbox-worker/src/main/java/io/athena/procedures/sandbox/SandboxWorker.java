package io.athena.procedures.sandbox;

import io.grpc.BindableService;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sandbox worker: a pool of containers behind {@code athena.sandbox.v1.SandboxService}.
 *
 * <p>To embed one, start it and bind {@link #service()} to an in-process gRPC server; calls need an
 * executor that may block, such as one with a virtual thread a task. Thread-safe.
 */
public final class SandboxWorker implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SandboxWorker.class);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final String id;
  private final WorkerConfig config;
  private final int uidOffset;
  private final ScheduledThreadPoolExecutor timer;
  private final RunAdmission admission;
  private final Environments environments;
  private final Promises promises;
  private final CompletableFuture<String> firstStart = new CompletableFuture<>();
  private final Runner runner;
  private final Analyzer analyzer;
  private final AtomicInteger containers = new AtomicInteger();
  private final ReentrantLock preparing = new ReentrantLock();
  private Container.@Nullable Environment environment;

  private SandboxWorker(WorkerConfig config, Clock clock) {
    this.config = config;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.id = "worker-" + HexFormat.of().toHexDigits(random.nextInt());
    this.uidOffset = random.nextInt(1 << 20);
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("sandbox-timer").factory());
    // Else each run's alarm would be kept in memory until its time is over, long after the run.
    this.timer.setRemoveOnCancelPolicy(true);
    this.admission = new RunAdmission(config.pool());
    this.environments =
        new Environments(
            config,
            each -> SandboxPool.open(config.pool(), () -> startContainer(each.modules()), timer));
    this.promises = new Promises(timer, config.stopGrace(), environments::condemn);
    this.runner = new Runner(config, id, admission, environments, timer, promises::kept, clock);
    this.analyzer = new Analyzer(environments.usual(), timer, config.stopGrace());
  }

  /**
   * Starts a worker. It returns at once; containers start in the background, and the first one must
   * pass a self-test. If this host cannot isolate programs or keep their limits, each run is
   * refused with the reason, and the worker tries again from time to time.
   */
  public static SandboxWorker start(WorkerConfig config, Clock clock) {
    return new SandboxWorker(config, clock);
  }

  /**
   * Waits until the first container has passed the self-test, or has failed to.
   *
   * @return why no program can be run; empty if programs can be run
   */
  public String awaitFirstContainer(Duration longest) throws InterruptedException {
    try {
      return firstStart.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return "no container was ready within " + longest.toSeconds() + " s";
    }
  }

  /** Unique in the worker's life, such as {@code worker-3f2a91c0}. */
  public String id() {
    return id;
  }

  /** The gRPC service. It trusts its callers: bind it only where nobody else can call. */
  public BindableService service() {
    return new SandboxGrpcService(runner, analyzer);
  }

  /**
   * Refuses new runs from now on, and waits for those under way; false if some did not end in time.
   */
  public boolean drain(Duration longest) throws InterruptedException {
    admission.drain();
    return admission.awaitIdle(longest);
  }

  /** Kills what still runs, ends all containers, and removes every trace of them from the host. */
  @Override
  public void close() {
    admission.drain();
    runner.stopAll();
    try {
      if (!admission.awaitIdle(STOP)) {
        log.warn("some runs did not end within {}; their containers are ended now", STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    analyzer.close();
    environments.close();
    timer.shutdownNow();
    preparing.lock();
    try {
      if (environment != null) {
        environment.runDirectory().close();
      }
    } catch (IOException e) {
      log.warn("the run directory could not be removed; the next worker does it: {}", e.toString());
    } finally {
      preparing.unlock();
    }
  }

  int containersStarted() {
    return containers.get();
  }

  private Container startContainer(List<String> modules) throws IOException {
    try {
      Container.Environment prepared = prepare();
      Container container = Container.start(prepared, containers.incrementAndGet(), modules);
      try {
        promises.prove(container, prepared.cgroups());
      } catch (IOException e) {
        container.close();
        throw e;
      }
      firstStart.complete("");
      return container;
    } catch (IOException e) {
      firstStart.complete(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /** Checks the host until it once was fit, then keeps what was found. */
  private Container.Environment prepare() throws IOException {
    preparing.lock();
    try {
      if (environment == null) {
        requireFitHost();
        HostCgroups cgroups = HostCgroups.detect();
        PythonInterpreter python = PythonInterpreter.find(config);
        RunDirectory directory = RunDirectory.create(config, id, cgroups);
        environment = new Container.Environment(config, id, directory, cgroups, python, uidOffset);
      }
      return environment;
    } finally {
      preparing.unlock();
    }
  }

  private void requireFitHost() throws IOException {
    List<HostCheck.Finding> failed =
        HostCheck.run(config).stream().filter(finding -> !finding.passed()).toList();
    if (!failed.isEmpty()) {
      throw new IOException(
          "programs cannot be isolated on this host, so none is run. "
              + failed.stream()
                  .map(HostCheck.Finding::sentence)
                  .collect(
                      Collectors.joining(". ", "", ". This is checked again within a minute")));
    }
  }
}
