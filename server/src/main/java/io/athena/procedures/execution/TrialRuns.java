package io.athena.procedures.execution;

import com.google.protobuf.Struct;
import com.google.protobuf.util.Durations;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.Parameter;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Runs code that is no version of a procedure yet, in the sandbox like any other, and keeps no
 * record of it. Thread-safe.
 */
public final class TrialRuns {
  private static final Duration LOOK_AROUND = Duration.ofMillis(200);

  private final SandboxClient sandboxes;
  private final ExecutionLimits limits;

  /**
   * On the workers of a server.
   *
   * @param limits of every run; all fields set but cpu_time
   */
  public TrialRuns(SandboxClient sandboxes, ExecutionLimits limits) {
    this.sandboxes = sandboxes;
    this.limits = limits.toBuilder().setCpuTime(limits.getWallTime()).build();
  }

  /**
   * Runs code to its end, and ends it when the call of the caller ends.
   *
   * @param procedureName names the function to call
   * @param parameters what it takes; their defaults are filled in
   * @throws ServiceException if no worker runs it, or an argument breaks a rule
   */
  public ExecutionEvent.Completed run(
      String procedureName, String code, List<Parameter> parameters, Struct arguments)
      throws InterruptedException {
    var violations = new Violations();
    Struct bound = Arguments.bind(parameters, arguments, violations);
    violations.throwIfAny();
    SandboxRun run =
        sandboxes.run(
            RunRequest.Start.newBuilder()
                .setExecutionId("trial")
                .setCode(code)
                .setFileName(FileNames.of(procedureName))
                .setEntryPoint(procedureName)
                .setParameters(bound)
                .setLimits(limits)
                .setStdinClosed(true)
                .build());
    boolean ended = false;
    try {
      ExecutionEvent.Completed completed = await(run);
      ended = true;
      return completed;
    } finally {
      if (!ended) {
        run.kill("the caller of the trial went away");
      }
    }
  }

  private ExecutionEvent.Completed await(SandboxRun run) throws InterruptedException {
    // Beyond its wall time a worker has half a minute to clean up and report.
    long longest = Durations.toNanos(limits.getWallTime()) + Duration.ofSeconds(30).toNanos();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < longest) {
      switch (run.next(LOOK_AROUND)) {
        case SandboxRun.Message.Response(RunResponse response) -> {
          if (response.hasCompleted()) {
            return response.getCompleted();
          }
        }
        case SandboxRun.Message.Ended(Status status, var trailers) -> {
          throw Refusals.of(status, trailers);
        }
        case null -> requireCaller();
      }
      requireCaller();
    }
    throw new UnavailableException(
        "WORKER_UNAVAILABLE", "no sandbox worker reports the end of a trial run", Map.of());
  }

  private static void requireCaller() {
    if (Context.current().isCancelled()) {
      throw new UnavailableException("CALLER_GONE", "the caller went away", Map.of());
    }
  }
}
