package io.athena.procedures.execution;

import io.athena.procedures.db.Times;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How runs end that did not just run to their end. */
final class Endings {
  private Endings() {}

  /** What the worker reported, in the words of whoever ended the run. */
  static ExecutionEvent.Completed reported(
      ExecutionEvent.Completed completed, LiveRun.@Nullable Ending ending) {
    Failure failure = completed.getFailure();
    return switch (completed.getOutcome()) {
      case OUTCOME_SUCCESS -> completed.toBuilder().clearFailure().build();
      case OUTCOME_SKIPPED, OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          completed.toBuilder()
              .setOutcome(Outcome.OUTCOME_FAILURE)
              .clearResult()
              .setFailure(lost("it reported no outcome"))
              .build();
      case OUTCOME_FAILURE -> {
        if (failure.getKind() == FailureKind.FAILURE_KIND_CANCELLED && ending != null) {
          yield completed.toBuilder().clearResult().setFailure(failure(ending)).build();
        }
        yield completed.toBuilder().clearResult().setFailure(complete(failure)).build();
      }
    };
  }

  /** The end of a run of which its worker reported none. */
  static ExecutionEvent.Completed unreported(String why, LiveRun.@Nullable Ending ending) {
    return failed(ending == null ? lost(why) : failure(ending));
  }

  /** A run that failed without having used anything that is known of. */
  static ExecutionEvent.Completed failed(Failure failure) {
    return ExecutionEvent.Completed.newBuilder()
        .setOutcome(Outcome.OUTCOME_FAILURE)
        .setFailure(failure)
        .build();
  }

  /** The first event of an execution that this server did not begin. */
  static ExecutionEvent accepted(Execution execution, long sequence, Instant time) {
    return ExecutionEvent.newBuilder()
        .setSequence(sequence)
        .setTime(Times.toProto(time))
        .setAccepted(
            ExecutionEvent.Accepted.newBuilder()
                .setExecutionId(execution.getExecutionId())
                .setProcedureId(execution.getProcedureId())
                .setVersion(execution.getVersion())
                .setCommitId(execution.getCommitId()))
        .build();
  }

  private static Failure complete(Failure failure) {
    Failure.Builder complete = failure.toBuilder();
    if (failure.getKind() == FailureKind.FAILURE_KIND_UNSPECIFIED
        || failure.getKind() == FailureKind.UNRECOGNIZED) {
      complete.setKind(FailureKind.FAILURE_KIND_CRASHED);
    }
    if (failure.getMessage().isEmpty()) {
      complete.setMessage("The run failed: " + complete.getKind() + ".");
    }
    return complete.build();
  }

  private static Failure failure(LiveRun.Ending ending) {
    return Failure.newBuilder().setKind(ending.kind()).setMessage(ending.message()).build();
  }

  private static Failure lost(String why) {
    return Failure.newBuilder()
        .setKind(FailureKind.FAILURE_KIND_WORKER_LOST)
        .setMessage(
            "The worker was lost ("
                + why
                + "). Whether the code ran to its end is unknown; run it again if that does no harm.")
        .build();
  }
}
