package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ExecutionStats;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows statistics. */
@Command(
    name = "stats",
    description = "Show the statistics of a procedure, over all runs and for each version.",
    footer = "  ${ROOT-COMMAND-NAME} stats word_statistics")
final class StatsCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Override
  int run(AthenaClient client) throws IOException {
    GetProcedureStatsResponse stats =
        client.getProcedureStats(
            GetProcedureStatsRequest.newBuilder()
                .setProcedureId(procedure(client, idOrName).getProcedureId())
                .build());
    if (json()) {
      terminal().print(Json.of(stats));
      return ExitCodes.SUCCESS;
    }
    terminal()
        .print(
            terminal().styled(Style.BOLD, Text.oneLine(stats.getName()))
                + "  (procedure "
                + stats.getProcedureId()
                + ")");
    Table table =
        new Table(
            "VERSION",
            ">RUNS",
            ">SUCCESS",
            ">SKIPPED",
            ">MEAN",
            ">P50",
            ">P95",
            ">P99",
            ">CONFIDENCE");
    row(table, "all", stats.getTotal(), stats.getCodeConfidence());
    for (GetProcedureStatsResponse.VersionStats version : stats.getVersionsList()) {
      row(table, Text.version(version.getVersion()), version.getStats(), version.getConfidence());
    }
    table.print(terminal());
    for (ExecutionStats.FailureCount failure : stats.getTotal().getFailuresList()) {
      terminal()
          .print(
              failure.getCount()
                  + (failure.getCount() == 1 ? " failure: " : " failures: ")
                  + Text.enumName(failure.getKind(), "FAILURE_KIND_")
                      .toLowerCase(Locale.ROOT)
                      .replace('_', ' '));
    }
    return ExitCodes.SUCCESS;
  }

  private static void row(Table table, String label, ExecutionStats stats, double confidence) {
    boolean ran = stats.getUsageCount() > 0;
    table.row(
        label,
        Long.toString(stats.getUsageCount()),
        ran ? Text.percent(stats.getSuccessRate()) : "-",
        Long.toString(stats.getSkippedCount()),
        ran ? Text.millis(stats.getAvgCompletionTimeMs()) : "-",
        ran ? Text.millis(stats.getP50CompletionTimeMs()) : "-",
        ran ? Text.millis(stats.getP95CompletionTimeMs()) : "-",
        ran ? Text.millis(stats.getP99CompletionTimeMs()) : "-",
        Text.percent(confidence));
  }
}
