package io.athena.procedures.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The folder of a language's client: its scripts, and its runner of scenarios.
 *
 * @param folder where it lies
 * @param runner the command that plays a file of scenarios, run in the folder
 */
record LanguageClient(Path folder, List<String> runner) {
  /** What {@code generate} exits with where the machine lacks something: EX_UNAVAILABLE. */
  static final int SOMETHING_IS_MISSING = 69;

  static LanguageClient in(String folder, String... runner) {
    return new LanguageClient(Repository.client(folder), List.of(runner));
  }

  /** Generates the stubs. */
  Outcome generate() throws IOException, InterruptedException {
    return run(List.of("./generate"), Map.of());
  }

  /** Checks format, style and types. */
  Outcome check() throws IOException, InterruptedException {
    return run(List.of("./check"), Map.of());
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
  record Outcome(String said, int exitCode) {}
}
