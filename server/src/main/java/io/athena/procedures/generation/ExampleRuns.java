package io.athena.procedures.generation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Procedure;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs a procedure's examples on code. Thread-safe. */
final class ExampleRuns {
  private static final int LONGEST_VALUE = 300;

  private final TrialRuns trials;

  ExampleRuns(TrialRuns trials) {
    this.trials = trials;
  }

  /**
   * Runs one example in the sandbox; skips it where the code needs tools, which only callers have.
   */
  ExampleRun run(Procedure procedure, int index, String code, Set<String> tools)
      throws InterruptedException {
    if (!tools.isEmpty()) {
      return skipped(
          index,
          "not run: needs tools, which only the caller of a run serves: "
              + tools.stream().sorted().collect(Collectors.joining(", ")));
    }
    ExampleRun.Builder run = ExampleRun.newBuilder().setExampleIndex(index);
    Example example = procedure.getExamples(index);
    Completed completed =
        trials.run(
            procedure.getName(), code, procedure.getParametersList(), example.getParameters());
    if (completed.getOutcome() != Outcome.OUTCOME_SUCCESS) {
      return run.setMessage(told(completed.getFailure()))
          .setTraceback(completed.getFailure().getTraceback())
          .build();
    }
    if (!example.hasExpected() || example.getExpected().equals(completed.getResult())) {
      return run.setPassed(true).build();
    }
    return run.setMessage(
            "expected "
                + shortened(example.getExpected())
                + " but it gave "
                + shortened(completed.getResult()))
        .build();
  }

  /** An example that is not run. */
  static ExampleRun skipped(int index, String why) {
    return ExampleRun.newBuilder().setExampleIndex(index).setSkipped(true).setMessage(why).build();
  }

  private static String told(Failure failure) {
    String type = failure.getExceptionType().isEmpty() ? "" : failure.getExceptionType() + ": ";
    String line = failure.getLine() == 0 ? "" : " (line " + failure.getLine() + ")";
    return type + failure.getMessage() + line;
  }

  private static String shortened(Value value) {
    return TextRules.shortened(json(value), LONGEST_VALUE);
  }

  static String json(MessageOrBuilder value) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a JSON value cannot be printed", e);
    }
  }
}
