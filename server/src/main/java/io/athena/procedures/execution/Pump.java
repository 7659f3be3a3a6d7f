package io.athena.procedures.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Outcome;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Moves what one program does from its worker into the run's log, up to its committed outcome. For
 * one thread.
 *
 * <p>A run is put on record when it has lasted for a moment, or before it does what others must
 * know it by. One that has ended by then is recorded with its outcome, in one commit instead of
 * two; its caller hears of it when that is done.
 */
final class Pump {
  private static final int LARGEST_OUTPUT = 64 * 1024;

  /** Beyond the wall time: what a worker may take to kill, clean up and report. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  /** What a worker may take to report the end of a program it was told to end. */
  private static final Duration ENDING_GRACE = Duration.ofSeconds(15);

  /** Beyond the wall time: how long a caller that does not read can hold up its run's outcome. */
  private static final Duration CALLER_GRACE = Duration.ofSeconds(60);

  private static final Duration LOOK_AROUND = Duration.ofSeconds(1);

  /** How long a program runs before it is on record: most have ended by then. */
  private static final Duration MOMENT = Duration.ofMillis(5);

  /** How long a run may wait for its program's start before it is on record. */
  private static final Duration LONGEST_UNRECORDED = Duration.ofMillis(100);

  /** How much of a run is kept that is not on record. */
  private static final int MOST_UNRECORDED_BYTES = 64 * 1024;

  private final LiveRun run;
  private final Admission admission;
  private final RunLog events;
  private final CompletionWriter completions;
  private final EventStore store;
  private final Clock clock;
  private final Duration wallTime;
  private final ArtifactWriter artifacts;
  private long recordTime;
  private int unrecordedBytes;
  private long sequence;
  private @Nullable Instant startTime;
  private String workerId = "";

  Pump(
      LiveRun run,
      CompletionWriter completions,
      EventStore store,
      Artifacts artifacts,
      Clock clock) {
    this.run = run;
    this.admission = run.admission();
    this.events = run.log();
    this.completions = completions;
    this.store = store;
    this.artifacts = artifacts.writer(admission.executionId());
    this.clock = clock;
    this.wallTime = Duration.ofNanos(Durations.toNanos(admission.limits().getWallTime()));
  }

  /**
   * Runs the program to its end; null when its outcome is committed. If no worker started it, gives
   * the reason; then nothing was logged, and the row still says RUNNING.
   */
  @Nullable ServiceException pump(SandboxClient sandboxes) throws InterruptedException {
    try {
      return run(sandboxes);
    } catch (ServiceException notRecorded) {
      run.kill("the run could not be recorded");
      return notRecorded;
    }
  }

  private @Nullable ServiceException run(SandboxClient sandboxes) throws InterruptedException {
    if (!admission.hasCode()) {
      accept();
      finish(ExecutionEvent.Completed.newBuilder().setOutcome(Outcome.OUTCOME_SKIPPED).build());
      return null;
    }
    if (run.ending() != null) {
      accept();
      finishUnreported("it was ended before it started");
      return null;
    }
    SandboxRun sandbox = sandboxes.run(start());
    run.opened(sandbox);
    recordTime = System.nanoTime() + LONGEST_UNRECORDED.toNanos();
    Instant lastHeard = Times.now(clock);
    while (true) {
      switch (sandbox.next(run.isRecorded() ? LOOK_AROUND : untilRecord())) {
        case SandboxRun.Message.Response(RunResponse response) -> {
          if (!run.isRecorded() && !isBrief(response)) {
            run.record();
          }
          if (sequence == 0) {
            accept();
          }
          if (response.hasCompleted()) {
            finish(Endings.reported(response.getCompleted(), run.ending()));
            return null;
          }
          take(response, sandbox);
          lastHeard = Times.now(clock);
        }
        case SandboxRun.Message.Ended ended -> {
          if (sequence == 0 && run.ending() == null) {
            return Refusals.of(ended.status(), ended.trailers());
          }
          finishUnreported(ended.status().toString());
          return null;
        }
        case null -> {
          if (!run.isRecorded()) {
            run.record();
          } else if (isOverdue(lastHeard)) {
            sandbox.kill("the worker does not report the end of the run");
            if (sequence == 0 && run.ending() == null) {
              return Refusals.of(Status.UNAVAILABLE.withDescription("no worker answers"), null);
            }
            finishUnreported("it did not report the end of the run");
            return null;
          }
        }
      }
    }
  }

  private RunRequest.Start start() {
    return RunRequest.Start.newBuilder()
        .setExecutionId(admission.executionId().toString())
        .setCode(admission.code())
        .setFileName(FileNames.of(admission.procedureName()))
        .setEntryPoint(admission.procedureName())
        .setParameters(admission.parameters())
        .setLimits(admission.limits())
        .addAllInputFiles(admission.request().getInputFilesList())
        .setStdinClosed(!admission.stdin())
        .setServesTools(admission.stdin())
        .setEnvironment(admission.request().getEnvironment())
        .build();
  }

  private Duration untilRecord() {
    return Duration.ofNanos(Math.max(0, recordTime - System.nanoTime()));
  }

  /** True if nobody needs to know of the run yet, as far as this goes. */
  private boolean isBrief(RunResponse response) {
    unrecordedBytes += response.getSerializedSize();
    return switch (response.getResponseCase()) {
      case COMPLETED -> true;
      case STARTED -> {
        recordTime = Math.min(recordTime, System.nanoTime() + MOMENT.toNanos());
        yield true;
      }
      case OUTPUT, PROGRESS, LOG ->
          unrecordedBytes <= MOST_UNRECORDED_BYTES && System.nanoTime() < recordTime;
      case TOOL_CALL, ARTIFACT, ARTIFACT_DATA, RESPONSE_NOT_SET -> false;
    };
  }

  private boolean isOverdue(Instant lastHeard) {
    Duration patience = run.ending() == null ? wallTime.plus(GRACE) : ENDING_GRACE;
    return lastHeard.plus(patience).isBefore(Times.now(clock));
  }

  private void accept() throws InterruptedException {
    ExecutionEvent.Builder event = ExecutionEvent.newBuilder();
    event
        .getAcceptedBuilder()
        .setExecutionId(admission.executionId().toString())
        .setProcedureId(admission.procedureId())
        .setVersion(admission.version())
        .setCommitId(admission.commitId());
    append(event);
  }

  private void take(RunResponse response, SandboxRun sandbox) throws InterruptedException {
    ExecutionEvent.Builder event = ExecutionEvent.newBuilder();
    switch (response.getResponseCase()) {
      case STARTED -> {
        startTime = Times.now(clock);
        workerId = response.getStarted().getWorkerId();
        event.setStarted(response.getStarted());
      }
      case OUTPUT -> event.setOutput(joined(response.getOutput(), sandbox));
      case PROGRESS -> event.setProgress(response.getProgress());
      case LOG -> event.setLog(response.getLog());
      case TOOL_CALL -> {
        run.toolCalled(response.getToolCall().getCallId());
        event.setToolCall(response.getToolCall());
      }
      case ARTIFACT_DATA -> {
        artifacts.add(response.getArtifactData());
        return;
      }
      case ARTIFACT -> {
        artifacts.finish(response.getArtifact());
        event.setArtifact(response.getArtifact());
      }
      case COMPLETED, RESPONSE_NOT_SET -> {
        return;
      }
    }
    append(event);
  }

  /** Joins output that has arrived already, so that a busy program makes fewer events. */
  private static ExecutionEvent.Output joined(ExecutionEvent.Output first, SandboxRun sandbox) {
    ByteString data = first.getData();
    RunResponse next = sandbox.nextOutput(first.getStream(), LARGEST_OUTPUT - data.size());
    while (next != null) {
      data = data.concat(next.getOutput().getData());
      next = sandbox.nextOutput(first.getStream(), LARGEST_OUTPUT - data.size());
    }
    return first.toBuilder().setData(data).build();
  }

  private void append(ExecutionEvent.Builder event) throws InterruptedException {
    Instant now = Times.now(clock);
    Instant from = startTime == null ? now : startTime;
    Duration longest = Duration.between(now, from.plus(wallTime).plus(CALLER_GRACE));
    events.append(numbered(event, now), longest);
  }

  private ExecutionEvent numbered(ExecutionEvent.Builder event, Instant time) {
    return event.setSequence(++sequence).setTime(Times.toProto(time)).build();
  }

  private void finishUnreported(String why) throws InterruptedException {
    if (sequence == 0) {
      accept();
    }
    finish(Endings.unreported(why, run.ending()));
  }

  private void finish(ExecutionEvent.Completed completed) throws InterruptedException {
    artifacts.close();
    ExecutionEvent event =
        numbered(ExecutionEvent.newBuilder().setCompleted(completed), Times.now(clock));
    Completion completion =
        new Completion(
            admission.executionId(),
            ExecutionState.EXECUTION_STATE_RUNNING,
            admission.procedureId(),
            admission.version(),
            startTime,
            workerId,
            event,
            events.seal(),
            events.exceedsStorage());
    if (!run.isRecorded()) {
      events.end(run.recordWhole(completion).event());
      return;
    }
    Completion ended = completions.record(completion);
    if (ended != null) {
      events.end(ended.event());
      return;
    }
    // Another server took this one for dead; what it recorded is the outcome.
    ExecutionEvent other = store.completion(admission.executionId());
    events.end((other == null ? event : other).toBuilder().setSequence(sequence).build());
  }
}
