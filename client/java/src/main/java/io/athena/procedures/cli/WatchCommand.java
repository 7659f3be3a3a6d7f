package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows an execution's events. */
@Command(
    name = "watch",
    description = {
      "Show what an execution wrote and goes on to write, to its end.",
      "Leaving does not touch the run. Exit code as for '${ROOT-COMMAND-NAME} run'.",
    },
    footer = "  ${ROOT-COMMAND-NAME} watch 01939f5e-7d4c-7000-8000-2f1b7c3a9d10 --after 12")
final class WatchCommand extends ServiceCommand {
  @Parameters(paramLabel = "EXECUTION", description = "Which execution.")
  private String executionId = "";

  @Option(
      names = "--after",
      paramLabel = "SEQUENCE",
      description = "Leave out events up to this one.")
  private long afterSequence;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show the program's output and nothing else.")
  private boolean quiet;

  @Override
  int run(AthenaClient client) throws IOException {
    EventPrinter.Form form = quiet ? EventPrinter.Form.QUIET : EventPrinter.Form.FULL;
    EventPrinter printer = new EventPrinter(terminal(), json() ? EventPrinter.Form.JSON : form);
    try (ExecutionStream events = client.watchExecution(executionId, afterSequence)) {
      return printer.printAll(events, event -> {});
    }
  }
}
