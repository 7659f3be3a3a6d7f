package io.athena.procedures.execution;

import com.google.protobuf.util.Durations;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.ResourceUsage;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended, to be recorded.
 *
 * @param from the state it is in; if it is in another one by now, nothing is recorded
 * @param startTime when its program was started; null if it never was or that is not known
 * @param workerId empty if not known
 * @param event carries Completed
 * @param unstored the events before it that are not stored yet
 * @param truncated true if not all events are stored
 */
record Completion(
    UUID executionId,
    ExecutionState from,
    long procedureId,
    int version,
    @Nullable Instant startTime,
    String workerId,
    ExecutionEvent event,
    List<ExecutionEvent> unstored,
    boolean truncated) {

  /** When an event was seen. */
  static Instant time(ExecutionEvent event) {
    return Instant.ofEpochSecond(event.getTime().getSeconds(), event.getTime().getNanos());
  }

  Outcome outcome() {
    return event.getCompleted().getOutcome();
  }

  /** True if the failure says nothing about the code. */
  boolean isNoFault() {
    FailureKind kind = event.getCompleted().getFailure().getKind();
    return kind == FailureKind.FAILURE_KIND_CANCELLED
        || kind == FailureKind.FAILURE_KIND_WORKER_LOST;
  }

  /** The same run, whose result and messages cannot be stored. */
  Completion withUnstorableResult() {
    ExecutionEvent.Builder replaced = event.toBuilder();
    replaced
        .getCompletedBuilder()
        .clearResult()
        .setOutcome(Outcome.OUTCOME_FAILURE)
        .setFailure(
            Failure.newBuilder()
                .setKind(FailureKind.FAILURE_KIND_INVALID_RESULT)
                .setMessage("The run ended, but what it returned could not be stored."));
    return new Completion(
        executionId,
        from,
        procedureId,
        version,
        startTime,
        workerId,
        replaced.build(),
        List.of(),
        true);
  }

  RunRows.Ended row() {
    ExecutionEvent.Completed completed = event.getCompleted();
    @Nullable ResourceUsage usage = completed.hasUsage() ? completed.getUsage() : null;
    return new RunRows.Ended(
        executionId,
        Names.of(from),
        startTime,
        workerId,
        time(event),
        Names.of(outcome()),
        completed.hasFailure() ? Names.of(completed.getFailure().getKind()) : null,
        completed.toByteString(),
        completed.hasDuration() ? Durations.toMicros(completed.getDuration()) : null,
        usage == null ? null : Durations.toMicros(usage.getUserCpuTime()),
        usage == null ? null : Durations.toMicros(usage.getSystemCpuTime()),
        usage == null ? null : usage.getPeakMemoryBytes(),
        usage == null ? null : usage.getStdoutBytes(),
        usage == null ? null : usage.getStderrBytes(),
        truncated,
        Stream.concat(unstored.stream(), Stream.of(event))
            .map(ExecutionEvent::getSequence)
            .toList(),
        Stream.concat(unstored.stream(), Stream.of(event))
            .map(ExecutionEvent::toByteString)
            .toList(),
        isNoFault());
  }
}
