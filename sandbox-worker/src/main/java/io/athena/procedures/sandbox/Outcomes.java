package io.athena.procedures.sandbox;

import com.google.protobuf.NullValue;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Judges how a program ended, from what the worker did, what the kernel counted and what the
 * program said.
 */
final class Outcomes {
  private static final int SIGKILL = 9;
  private static final int SIGXCPU = 24;
  // Exit statuses of program.py.
  static final int HARNESS_FAILED = 112;
  static final int CHANNEL_LOST = 113;
  private static final long MICROS = 1_000_000;

  private Outcomes() {}

  /**
   * The worker's own doing first, then the kernel's counters, and the program's word last: only it
   * can be forged.
   */
  static Completed.Builder judge(Ending.Facts facts, RunLimits limits) {
    StopCause stopped = facts.stopped();
    if (stopped != null) {
      return failed(stopFailure(stopped, facts.malformed(), limits));
    }
    Ending ending = facts.ending();
    if (ending == null) {
      return failed(
          failure(
              FailureKind.FAILURE_KIND_WORKER_LOST,
              "the container was lost while the program ran; whether it ran to its end is unknown"));
    }
    if (ending.oomKills() > 0) {
      return failed(memoryFailure(limits));
    }
    if (ending.signal() != 0) {
      return failed(signalFailure(ending, limits));
    }
    return judgeWord(facts.outcome(), ending, limits);
  }

  /** The end of a run that was cancelled while it waited for a slot. */
  static Completed cancelledBeforeStart() {
    return failed(
            failure(
                FailureKind.FAILURE_KIND_CANCELLED,
                "the run was cancelled before its program started"))
        .build();
  }

  private static Completed.Builder judgeWord(
      @Nullable Frame word, Ending ending, RunLimits limits) {
    try {
      if (word == null) {
        return withoutWord(ending);
      }
      JsonNode said = Json.parse(word.payload());
      if (word.kind() == FrameKind.RETURNED && ending.exitStatus() == 0) {
        return Completed.newBuilder()
            .setOutcome(Outcome.OUTCOME_SUCCESS)
            .setResult(Json.toValue(said));
      }
      if (word.kind() == FrameKind.RAISED) {
        return failed(exceptionFailure(said, ending, limits));
      }
      if (word.kind() == FrameKind.UNUSABLE) {
        return failed(failure(FailureKind.FAILURE_KIND_INVALID_RESULT, text(said, "message")));
      }
      return failed(exitFailure(ending));
    } catch (MalformedFrameException e) {
      return failed(malformedFailure(String.valueOf(e.getMessage())));
    }
  }

  private static Completed.Builder withoutWord(Ending ending) {
    if (ending.exitStatus() == CHANNEL_LOST) {
      return failed(
          failure(
              FailureKind.FAILURE_KIND_INVALID_RESULT,
              "the program closed the descriptor that carries its result (3); close only descriptors it opened"));
    }
    if (ending.exitStatus() == HARNESS_FAILED) {
      return failed(
          failure(
              FailureKind.FAILURE_KIND_CRASHED,
              "the program damaged the interpreter so that it could not end"));
    }
    if (ending.exitStatus() != 0) {
      return failed(exitFailure(ending));
    }
    // Like any process that leaves with status 0 by os._exit: well, and without a result.
    return Completed.newBuilder()
        .setOutcome(Outcome.OUTCOME_SUCCESS)
        .setResult(Value.newBuilder().setNullValue(NullValue.NULL_VALUE));
  }

  private static Failure.Builder stopFailure(StopCause cause, String malformed, RunLimits limits) {
    return switch (cause) {
      case WALL_TIME ->
          failure(
              FailureKind.FAILURE_KIND_TIMEOUT,
              "the program ran longer than its limit of %s s and was killed"
                  .formatted(seconds(limits.wallTime().toMillis())));
      case OUTPUT ->
          failure(
              FailureKind.FAILURE_KIND_OUTPUT_LIMIT,
              "the program wrote more than its limit of %d bytes and was killed; the output up to there was delivered"
                  .formatted(limits.outputBytes()));
      case CANCELLED ->
          failure(
              FailureKind.FAILURE_KIND_CANCELLED, "the run was cancelled and the program killed");
      case MALFORMED_FRAME -> malformedFailure(malformed);
      case WORKER_CLOSED ->
          failure(
              FailureKind.FAILURE_KIND_WORKER_LOST,
              "the sandbox worker was shut down while the program ran, and killed it");
    };
  }

  private static Failure.Builder malformedFailure(String what) {
    return failure(
        FailureKind.FAILURE_KIND_INVALID_RESULT,
        "the program wrote to the descriptor that carries its result, and what came is not understood: "
            + what);
  }

  private static Failure.Builder memoryFailure(RunLimits limits) {
    return failure(
        FailureKind.FAILURE_KIND_MEMORY_LIMIT,
        "the program and its children needed more than their limit of %d bytes of memory, files in the workspace and"
                .formatted(limits.memoryBytes())
            + " /tmp included");
  }

  private static Failure.Builder signalFailure(Ending ending, RunLimits limits) {
    long cpuMicros = ending.userMicros() + ending.systemMicros();
    boolean usedUpCpu = ending.signal() == SIGKILL && cpuMicros >= limits.cpuSeconds() * MICROS;
    if (ending.signal() == SIGXCPU || usedUpCpu) {
      return failure(
          FailureKind.FAILURE_KIND_TIMEOUT,
          "the program used more than its limit of %d s of CPU time and was killed"
              .formatted(limits.cpuSeconds()));
    }
    return failure(
            FailureKind.FAILURE_KIND_CRASHED,
            "the program was ended by signal %d (%s)"
                .formatted(ending.signal(), signalName(ending.signal())))
        .setSignal(ending.signal());
  }

  private static Failure.Builder exceptionFailure(JsonNode said, Ending ending, RunLimits limits)
      throws MalformedFrameException {
    if (said.path("no_memory").asBoolean(false)) {
      return memoryFailure(limits);
    }
    if (ending.processRefusals() > 0 && said.path("no_process").asBoolean(false)) {
      return failure(
          FailureKind.FAILURE_KIND_PROCESS_LIMIT,
          "the program could not start another process or thread: its limit is %d at a time (%s)"
              .formatted(limits.processes(), text(said, "message")));
    }
    String type = text(said, "type");
    String message = text(said, "message");
    Failure.Builder failure =
        failure(FailureKind.FAILURE_KIND_EXCEPTION, message.isEmpty() ? type : message)
            .setExceptionType(type)
            .setTraceback(text(said, "traceback"))
            .setLine(said.path("line").asInt(0));
    // Python's own status for an exception is 1 and tells nothing; one that the program chose does.
    if (type.equals("SystemExit")) {
      failure.setExitCode(ending.exitStatus());
    }
    return failure;
  }

  private static Failure.Builder exitFailure(Ending ending) {
    return failure(
            FailureKind.FAILURE_KIND_EXCEPTION,
            "the program left with status %d before it returned".formatted(ending.exitStatus()))
        .setExitCode(ending.exitStatus());
  }

  private static String signalName(int signal) {
    return switch (signal) {
      case 1 -> "SIGHUP";
      case 2 -> "SIGINT";
      case 3 -> "SIGQUIT";
      case 4 -> "SIGILL";
      case 6 -> "SIGABRT";
      case 7 -> "SIGBUS";
      case 8 -> "SIGFPE";
      case 9 -> "SIGKILL";
      case 11 -> "SIGSEGV";
      case 13 -> "SIGPIPE";
      case 14 -> "SIGALRM";
      case 15 -> "SIGTERM";
      case 25 -> "SIGXFSZ";
      case 31 -> "SIGSYS";
      default -> "no name";
    };
  }

  private static String seconds(long millis) {
    return millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0);
  }

  private static String text(JsonNode node, String field) throws MalformedFrameException {
    return Json.text(node.path(field).asString(""));
  }

  private static Failure.Builder failure(FailureKind kind, String message) {
    return Failure.newBuilder().setKind(kind).setMessage(message);
  }

  private static Completed.Builder failed(Failure.Builder failure) {
    return Completed.newBuilder().setOutcome(Outcome.OUTCOME_FAILURE).setFailure(failure);
  }
}
