package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A command as a process of its own, which signals reach. */
final class CommandProcess {
  private CommandProcess() {}

  /** Starts one that asks the server at an address. */
  static Process start(String address, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // Whoever starts the tests in the background has SIGINT ignored, in all that
                // follow.
                "env",
                "--default-signal=INT",
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.athena.procedures.cli.Main"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--server", address));
    return new ProcessBuilder(command).start();
  }

  /** Does what Ctrl-C does. */
  static void interrupt(Process process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
  }
}
