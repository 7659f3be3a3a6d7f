package io.athena.procedures.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The folder of a language's client: its scripts, and its runner of scenarios.
 *
 * @param folder where it lies
 * @param runner the command that plays a file of scenarios, run in the folder
 */
record LanguageClient(Path folder, List<String> runner) {
  static final LanguageClient PYTHON = in("python", "target/venv/bin/python", "-m", "conformance");
  static final LanguageClient GO = in("go", "go", "run", "./conformance");
  static final LanguageClient TYPESCRIPT = in("typescript", "node", "target/conformance/main.js");

  /** What {@code generate} exits with where the machine lacks something: EX_UNAVAILABLE. */
  private static final int SOMETHING_IS_MISSING = 69;

  /** What came of generating stubs, by the folder: the same in every test. */
  private static final Map<Path, Outcome> GENERATED = new HashMap<>();

  private static LanguageClient in(String folder, String... runner) {
    return new LanguageClient(Repository.client(folder), List.of(runner));
  }

  /** Generates the stubs. Gives what the machine lacks for that; empty if it lacks nothing. */
  String generate() throws IOException, InterruptedException {
    Outcome generated = GENERATED.get(folder);
    if (generated == null) {
      generated = run(List.of("./generate"), Map.of());
      GENERATED.put(folder, generated);
    }
    if (generated.exitCode() == SOMETHING_IS_MISSING) {
      return generated.said().strip();
    }
    assertThat(generated.exitCode()).as(generated.said()).isZero();
    return "";
  }

  /** Checks format, style, types and whatever else the language's own check looks at. */
  void check() throws IOException, InterruptedException {
    Outcome checked = run(List.of("./check"), Map.of());
    assertThat(checked.exitCode()).as(checked.said()).isZero();
  }

  /** Plays scenarios. */
  List<Result> play(Path scenarios, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(runner);
    command.add(scenarios.toString());
    Outcome outcome = run(command, environment);
    List<Result> results = Result.ofTap(outcome.said().lines().toList());
    boolean passed = results.stream().allMatch(Result::passed);
    assertThat(outcome.exitCode()).as(outcome.said()).isEqualTo(passed ? 0 : 1);
    return results;
  }

  private Outcome run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(said, process.waitFor());
  }

  /** What a script said, on either stream, and its exit code. */
  private record Outcome(String said, int exitCode) {}
}
