package io.athena.procedures.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The linter bandit (PyCQA), which the benchmark brings along for nobody. */
final class Bandit {
  private Bandit() {}

  /**
   * The one on the path, or else from PyPI, in a virtual environment of the benchmark's own.
   *
   * @param folder where the environment may be made
   * @throws IOException if there is none to be had; the message says why
   */
  static Path find(Path python, Path folder) throws IOException, InterruptedException {
    for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path command = Path.of(place, "bandit");
      if (Files.isExecutable(command)) {
        return command;
      }
    }
    Path environment = folder.resolve("bandit");
    run(List.of(python.toString(), "-m", "venv", environment.toString()));
    Path commands = environment.resolve("bin");
    run(
        List.of(
            commands.resolve("pip").toString(),
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "bandit"));
    return commands.resolve("bandit");
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said.strip());
    }
  }
}
