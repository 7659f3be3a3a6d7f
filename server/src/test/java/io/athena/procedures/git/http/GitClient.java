package io.athena.procedures.git.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The ordinary git client, without the settings of whoever runs the tests. */
final class GitClient {
  private final Path directory;

  /** Working in a directory, which is made if it is not there. */
  GitClient(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** What git said on both streams, and its exit code. */
  record Said(String text, int exitCode) {}

  Path directory() {
    return directory;
  }

  /** Runs a command that must succeed, and gives what it said. */
  String run(String... arguments) throws IOException, InterruptedException {
    Said said = attempt(arguments);
    assertThat(said.exitCode()).as("git %s: %s", List.of(arguments), said.text()).isZero();
    return said.text().strip();
  }

  /** Runs a command that may fail. */
  Said attempt(String... arguments) throws IOException, InterruptedException {
    return attempt(Map.of(), arguments);
  }

  /** The same, with more variables of the environment. */
  Said attempt(Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("git", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      Map<String, String> environment = builder.environment();
      environment.keySet().removeIf(name -> name.startsWith("GIT_") || name.contains("proxy"));
      environment.put("HOME", directory.toString());
      environment.put("GIT_CONFIG_NOSYSTEM", "1");
      environment.put("GIT_TERMINAL_PROMPT", "0");
      environment.put("LC_ALL", "C");
      environment.putAll(variables);
      Process process = builder.start();
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("git ends: %s", command).isTrue();
      return new Said(Files.readString(output, StandardCharsets.UTF_8), process.exitValue());
    } finally {
      Files.delete(output);
    }
  }
}
