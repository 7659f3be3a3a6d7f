package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Execution;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends an execution. */
@Command(
    name = "cancel",
    description = "End a running execution. One that has ended already is left as it is.",
    footer =
        "  ${ROOT-COMMAND-NAME} cancel 01939f5e-7d4c-7000-8000-2f1b7c3a9d10 --reason 'wrong input'")
final class CancelCommand extends ServiceCommand {
  @Parameters(paramLabel = "EXECUTION", description = "Which execution.")
  private String executionId = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  private String reason = "";

  @Override
  int run(AthenaClient client) throws IOException {
    Execution execution = client.cancelExecution(executionId, reason);
    terminal()
        .print(
            json()
                ? Json.of(execution)
                : "Execution "
                    + execution.getExecutionId()
                    + " ended with "
                    + Text.enumName(execution.getOutcome(), "OUTCOME_").toLowerCase(Locale.ROOT)
                    + (execution.hasFailure()
                        ? ": " + Text.oneLine(execution.getFailure().getMessage())
                        : "")
                    + ".");
    return ExitCodes.SUCCESS;
  }
}
