package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.ListExecutionsRequest;
import io.athena.procedures.v1.ListExecutionsResponse;
import io.athena.procedures.v1.Outcome;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists executions. */
@Command(
    name = "executions",
    description = "List executions, newest first.",
    footer = {
      "  ${ROOT-COMMAND-NAME} executions --limit 5",
      "  ${ROOT-COMMAND-NAME} executions word_statistics --outcome failure",
    })
final class ExecutionsCommand extends ServiceCommand {
  @Parameters(arity = "0..1", paramLabel = "ID|NAME", description = "Only of this procedure.")
  private @Nullable String idOrName;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only in this state: queued, running or completed.")
  private @Nullable String state;

  @Option(
      names = "--outcome",
      paramLabel = "OUTCOME",
      description = "Only with this outcome: success, failure or skipped.")
  private @Nullable String outcome;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many; 0 gives all; default 20.")
  private int limit = 20;

  @Override
  int run(AthenaClient client) throws IOException {
    if (limit < 0) {
      throw usage("--limit is 0 (all) or more, not " + limit);
    }
    ListExecutionsRequest.Builder request =
        ListExecutionsRequest.newBuilder()
            .setProject(athena().project())
            .setState(
                choice(
                    ExecutionState.class,
                    "EXECUTION_STATE_",
                    state,
                    ExecutionState.EXECUTION_STATE_UNSPECIFIED))
            .setOutcome(choice(Outcome.class, "OUTCOME_", outcome, Outcome.OUTCOME_UNSPECIFIED));
    if (idOrName != null) {
      request.setProcedureId(procedure(client, idOrName).getProcedureId());
    }
    List<Execution> executions =
        Pages.read(
            limit,
            page -> {
              ListExecutionsResponse response =
                  client.listExecutions(
                      request.setPageSize(page.size()).setPageToken(page.token()).build());
              return new Pages.Page<>(response.getExecutionsList(), response.getNextPageToken());
            });
    if (json()) {
      terminal()
          .print(Json.of(ListExecutionsResponse.newBuilder().addAllExecutions(executions).build()));
    } else if (executions.isEmpty()) {
      terminal().tell("No executions.");
    } else {
      print(executions);
    }
    return ExitCodes.SUCCESS;
  }

  private <E extends Enum<E>> E choice(
      Class<E> type, String prefix, @Nullable String name, E unset) {
    if (name == null) {
      return unset;
    }
    for (E value : type.getEnumConstants()) {
      if (value != unset && Text.enumName(value, prefix).equalsIgnoreCase(name)) {
        return value;
      }
    }
    throw usage(
        "'%s' is none of the choices; there are %s"
            .formatted(
                name,
                Arrays.stream(type.getEnumConstants())
                    .filter(value -> value != unset && !value.name().equals("UNRECOGNIZED"))
                    .map(value -> Text.enumName(value, prefix).toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }

  private void print(List<Execution> executions) throws IOException {
    Table table =
        new Table(
            "EXECUTION", "PROCEDURE", "CODE", "OUTCOME", "WHY", ">TIME", ">MEMORY", "STARTED");
    for (Execution execution : executions) {
      boolean completed = execution.getState() == ExecutionState.EXECUTION_STATE_COMPLETED;
      table.row(
          execution.getExecutionId(),
          Text.shortened(execution.getProcedureName(), 32),
          Text.version(execution.getVersion()),
          completed
              ? Text.enumName(execution.getOutcome(), "OUTCOME_")
              : Text.enumName(execution.getState(), "EXECUTION_STATE_"),
          execution.hasFailure()
              ? Text.enumName(execution.getFailure().getKind(), "FAILURE_KIND_")
              : "",
          execution.hasDuration() ? Text.duration(execution.getDuration()) : "-",
          execution.getUsage().getPeakMemoryBytes() == 0
              ? "-"
              : Text.bytes(execution.getUsage().getPeakMemoryBytes()),
          Text.time(execution.getCreateTime()));
    }
    table.print(terminal());
  }
}
