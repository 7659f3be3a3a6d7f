package io.athena.procedures.execution;

import io.athena.sandbox.v1.CancelRunRequest;
import io.athena.sandbox.v1.CancelRunResponse;
import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandbox workers this server knows. A run goes to the one with the least to do: own runs, and
 * what it last reported of others'. One that cannot run programs is asked after all others.
 * Thread-safe.
 */
public final class SandboxClient {
  private static final Logger log = LoggerFactory.getLogger(SandboxClient.class);
  private static final Duration LONGEST_CANCEL = Duration.ofSeconds(10);
  private static final int LARGEST_MESSAGE = 16 * 1024 * 1024;

  private final List<Worker> workers;

  private static final class Worker {
    private final String name;
    private final Channel channel;
    private final AtomicInteger runs = new AtomicInteger();
    private volatile int othersRuns;
    private volatile boolean cannotRun;

    /** Empty while it has not told them. */
    private volatile Set<String> environments = Set.of();

    Worker(String name, Channel channel) {
      this.name = name;
      this.channel = channel;
    }

    int load() {
      return runs.get() + othersRuns;
    }

    boolean lacks(String environment) {
      return !environment.isEmpty()
          && !environments.isEmpty()
          && !environments.contains(environment);
    }

    boolean isBroken() {
      return cannotRun || isUnreachable();
    }

    private boolean isUnreachable() {
      return channel instanceof ManagedChannel managed
          && managed.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
    }
  }

  /**
   * With the workers' channels by name, at least one. The channels are not closed by this object.
   * Those to other machines need keep-alive, or a machine that vanishes is noticed late.
   */
  public SandboxClient(Map<String, Channel> channels) {
    this.workers =
        channels.entrySet().stream()
            .map(entry -> new Worker(entry.getKey(), entry.getValue()))
            .toList();
    if (workers.isEmpty()) {
      throw new IllegalArgumentException("there is no sandbox worker");
    }
  }

  /** Starts a program on the worker with the least to do. */
  SandboxRun run(RunRequest.Start start) {
    Attempts attempts = new Attempts(RunRequest.newBuilder().setStart(start).build());
    SandboxRun run = new SandboxRun(attempts);
    attempts.next(run);
    return run;
  }

  /** One program's way to a worker that can run it. */
  private final class Attempts implements SandboxRun.Calls {
    private final RunRequest start;
    private final String environment;
    private final List<Worker> untried = new ArrayList<>(workers);
    private Worker worker = workers.getFirst();

    Attempts(RunRequest start) {
      this.start = start;
      this.environment = start.getStart().getEnvironment();
    }

    void next(SandboxRun run) {
      worker =
          untried.stream()
              .min(
                  Comparator.comparing((Worker each) -> each.lacks(environment))
                      .thenComparing(Worker::isBroken)
                      .thenComparingInt(Worker::load))
              .orElseThrow();
      untried.remove(worker);
      worker.runs.incrementAndGet();
      SandboxServiceGrpc.newStub(worker.channel)
          .withMaxInboundMessageSize(LARGEST_MESSAGE)
          // What comes is only put into a queue, so the transport's own thread may do it.
          .withExecutor(Runnable::run)
          .run(run)
          .onNext(start);
    }

    /**
     * Goes on only where it is certain that the program was not begun. A worker that is busy has
     * made the program wait already, and the others had more to do.
     */
    @Override
    public boolean madeAgain(SandboxRun run, Status refusal) {
      if (refusal.getCode() != Status.Code.FAILED_PRECONDITION
          && refusal.getCode() != Status.Code.NOT_FOUND) {
        return false;
      }
      // One that lacks an environment can run what needs others.
      worker.cannotRun |= refusal.getCode() == Status.Code.FAILED_PRECONDITION;
      if (untried.isEmpty()) {
        return false;
      }
      log.warn(
          "sandbox worker {} cannot run programs ({}); another one is asked",
          worker.name,
          refusal.getDescription());
      worker.runs.decrementAndGet();
      next(run);
      return true;
    }

    @Override
    public void cancelBeside() {
      String id = start.getStart().getExecutionId();
      SandboxServiceGrpc.newStub(worker.channel)
          .withDeadlineAfter(LONGEST_CANCEL)
          .cancelRun(
              CancelRunRequest.newBuilder().setExecutionId(id).build(), new CancelAnswer(id));
    }

    @Override
    public void ended() {
      worker.runs.decrementAndGet();
    }
  }

  /** Nothing to be done: a run that does not end when asked to is broken off before long. */
  private record CancelAnswer(String executionId) implements StreamObserver<CancelRunResponse> {
    @Override
    public void onNext(CancelRunResponse response) {}

    @Override
    public void onError(Throwable failure) {
      log.warn(
          "execution {} could not be cancelled beside its call: {}",
          executionId,
          Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {}
  }

  /**
   * Asks every worker for its load and whether it can run programs, where there is a choice to be
   * made.
   */
  void refreshLoads() {
    if (workers.size() < 2) {
      return;
    }
    for (Worker worker : workers) {
      try {
        int own = worker.runs.get();
        GetLoadResponse load =
            SandboxServiceGrpc.newBlockingStub(worker.channel)
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .getLoad(GetLoadRequest.getDefaultInstance());
        worker.othersRuns = Math.max(0, load.getRunning() + load.getQueued() - own);
        worker.environments =
            load.getEnvironmentsList().stream()
                .map(GetLoadResponse.Environment::getName)
                .collect(Collectors.toUnmodifiableSet());
        worker.cannotRun = !load.getUnavailableReason().isEmpty();
      } catch (StatusRuntimeException failure) {
        worker.cannotRun = true;
        log.warn(
            "sandbox worker {} did not tell its load ({}); it is asked again",
            worker.name,
            failure.getStatus());
      }
    }
  }
}
