package io.athena.procedures.code;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.execution.ExecutionSettings;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.sandbox.v1.RunRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Small functions, each once as it should be and once with a slip, with tests for both. In {@code
 * src/test/resources/calibration} a line has the name, the parameters, the right code, what the
 * slip changes, and tests: arguments and what they must give.
 */
final class CalibrationSet {
  private static final List<String> THEMES =
      List.of("text", "numbers", "lists", "records", "dates", "parsing", "guards", "rules");

  private CalibrationSet() {}

  /**
   * A function.
   *
   * @param fitting true if it belongs to the half that the formula may be fitted to
   */
  record Function(String name, boolean slipped, boolean fitting, String code, List<Value> tests) {}

  /**
   * What a function did in one test.
   *
   * @param right it gave what it must
   * @param ended it ended without an error
   */
  record Outcome(boolean right, boolean ended) {}

  /** All, the right one of a pair before the other. */
  static List<Function> load() {
    List<Function> functions = new ArrayList<>();
    for (String theme : THEMES) {
      for (String line : lines("/calibration/" + theme + ".jsonl")) {
        Struct entry = struct(line);
        boolean fitting = functions.size() / 2 % 2 == 0;
        String name = entry.getFieldsOrThrow("name").getStringValue();
        String code = entry.getFieldsOrThrow("code").getStringValue();
        List<Value> change = entry.getFieldsOrThrow("change").getListValue().getValuesList();
        List<Value> tests = entry.getFieldsOrThrow("tests").getListValue().getValuesList();
        String from = change.get(0).getStringValue();
        int at = code.indexOf(from);
        String slipped =
            code.substring(0, at)
                + change.get(1).getStringValue()
                + code.substring(at + from.length());
        functions.add(new Function(name, false, fitting, code, tests));
        functions.add(new Function(name, true, fitting, slipped, tests));
      }
    }
    return functions;
  }

  /** Runs all tests of a function in the sandbox. */
  static List<Outcome> run(RealWorker worker, Function function) {
    ListValue.Builder arguments = ListValue.newBuilder();
    function.tests().forEach(test -> arguments.addValues(test.getListValue().getValues(0)));
    Completed completed =
        worker.run(
            RunRequest.Start.newBuilder()
                .setExecutionId("calibration")
                .setCode(program(function))
                .setFileName("main.py")
                .setEntryPoint("main")
                .setStdinClosed(true)
                .setParameters(
                    Struct.newBuilder()
                        .putFields("tests", Value.newBuilder().setListValue(arguments).build()))
                .setLimits(
                    ExecutionSettings.defaults().defaultLimits().toBuilder()
                        .setCpuTime(Durations.fromSeconds(30)))
                .build(),
            call -> Value.getDefaultInstance());
    List<Value> given = completed.getResult().getListValue().getValuesList();
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < function.tests().size(); i++) {
      Value expected = function.tests().get(i).getListValue().getValues(1);
      Struct gave = given.get(i).getStructValue();
      boolean ended = gave.containsFields("gave");
      outcomes.add(new Outcome(ended && gave.getFieldsOrThrow("gave").equals(expected), ended));
    }
    return List.copyOf(outcomes);
  }

  private static String program(Function function) {
    return function.code()
        + """


        def main(tests):
            outcomes = []
            for arguments in tests:
                try:
                    outcomes.append({"gave": %s(*arguments)})
                except Exception as error:
                    outcomes.append({"raised": type(error).__name__})
            return outcomes
        """
            .formatted(function.name());
  }

  private static List<String> lines(String resource) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(CalibrationSet.class.getResourceAsStream(resource)),
                StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Struct struct(String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(json, e);
    }
    return struct.build();
  }
}
