package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short programs of the host, for set-up and checks only: never for a run. */
final class Command {
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private Command() {}

  /** Exit status, and standard output and error together. */
  record Result(int status, String output) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * Runs a program to its end, for at most 20 seconds.
   *
   * @throws IOException if it cannot be started or does not end
   */
  static Result run(List<String> command) throws IOException {
    // A file, not a pipe: a pipe would also wait for whatever the program left running.
    Path output = Files.createTempFile("athena-command", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            command.getFirst() + " did not end within " + LONGEST.toSeconds() + " s");
      }
      return new Result(process.exitValue(), Files.readString(output).strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command.getFirst(), e);
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
