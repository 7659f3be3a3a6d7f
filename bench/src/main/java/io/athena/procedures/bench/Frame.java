package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What measurements beside other programs have in common: options, a server, and a report. */
final class Frame {
  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "How often each has its turn (default: 5).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--python",
      defaultValue = "/usr/bin/python3",
      description = "The interpreter of the other programs (default: /usr/bin/python3).")
  private Path python = Path.of("/usr/bin/python3");

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;

  /** What a measurement works with; everything is gone after it. */
  record Stage(
      Workplace workplace, ServerProcess server, AthenaClient client, Path python, Rounds rounds) {
    /** Tells whoever waits what is done at the moment. */
    void tell(String what) {
      rounds.progress().println(what);
    }
  }

  /** One subject. */
  interface Measurement {
    Report measure(Stage stage) throws IOException, InterruptedException;
  }

  /** Starts a server with an empty database, measures, and prints the report. */
  int run(String command, Measurement measurement) throws IOException, InterruptedException {
    if (rounds < 1) {
      progress.println(command + ": --rounds must be at least 1");
      return CommandLine.ExitCode.USAGE;
    }
    try (Workplace workplace = Workplace.create()) {
      progress.println("starting a server …");
      try (ServerProcess server = ServerProcess.start(launcher(), workplace.dataDirectory());
          AthenaClient client = AthenaClient.builder().address(server.address()).build()) {
        Report report =
            measurement.measure(
                new Stage(workplace, server, client, python, new Rounds(rounds, progress)));
        out.print(json ? ReportJson.of(report) : ReportText.of(report));
      }
    }
    return CommandLine.ExitCode.OK;
  }

  static Path launcher() throws IOException {
    String launcher = System.getProperty("athena.launcher");
    if (launcher == null) {
      throw new IOException("start the benchmark by './athena bench', which tells where it lies");
    }
    return Path.of(launcher);
  }
}
