package io.athena.procedures.generation;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Procedure;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

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
    if (!example.hasExpected()) {
      return run.setPassed(true)
          .setNotCompared(true)
          .setMessage("ended without an error; no result is expected, so none was compared")
          .build();
    }
    if (example.getExpected().equals(completed.getResult())) {
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

  /**
   * A value as JSON for people: whole numbers without a fraction, no character escaped for HTML.
   */
  static String json(Value value) {
    StringBuilder text = new StringBuilder();
    append(text, value);
    return text.toString();
  }

  /** The same of an object. */
  static String json(Struct struct) {
    return json(Value.newBuilder().setStructValue(struct).build());
  }

  private static void append(StringBuilder to, Value value) {
    switch (value.getKindCase()) {
      case STRING_VALUE -> to.append(quoted(value.getStringValue()));
      case NUMBER_VALUE -> to.append(PythonText.literal(value.getNumberValue()));
      case BOOL_VALUE -> to.append(value.getBoolValue());
      case LIST_VALUE -> {
        String between = "[";
        for (Value element : value.getListValue().getValuesList()) {
          append(to.append(between), element);
          between = ",";
        }
        to.append(between.equals("[") ? "[]" : "]");
      }
      case STRUCT_VALUE -> {
        String between = "{";
        for (Map.Entry<String, Value> field : value.getStructValue().getFieldsMap().entrySet()) {
          to.append(between).append(quoted(field.getKey())).append(':');
          append(to, field.getValue());
          between = ",";
        }
        to.append(between.equals("{") ? "{}" : "}");
      }
      case NULL_VALUE, KIND_NOT_SET -> to.append("null");
    }
  }

  private static String quoted(String text) {
    return JsonMapper.shared().writeValueAsString(text);
  }
}
