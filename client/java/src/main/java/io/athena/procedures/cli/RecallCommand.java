package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RecallProceduresResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds procedures by words. */
@Command(
    name = "recall",
    description = "Find procedures by words, best first. Typing errors are tolerated.",
    footer = "  ${ROOT-COMMAND-NAME} recall count words of a file")
final class RecallCommand extends ServiceCommand {
  @Parameters(arity = "1..*", paramLabel = "WORD", description = "What to look for.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many, 1 to 100; default 10.")
  private int limit;

  @Override
  int run(AthenaClient client) throws IOException {
    String query = String.join(" ", words);
    RecallProceduresResponse response =
        client.recallProcedures(
            RecallProceduresRequest.newBuilder()
                .setQuery(query)
                .setProject(athena().project())
                .setLimit(limit)
                .build());
    if (json()) {
      terminal().print(Json.of(response));
    } else if (response.getMatchesCount() == 0) {
      terminal().tell("No procedure matches \"" + Text.oneLine(query) + "\".");
    } else {
      Table table = new Table(">ID", "NAME", "CATEGORY", "CODE", ">SCORE", "DESCRIPTION");
      for (RecallProceduresResponse.Match match : response.getMatchesList()) {
        Procedure procedure = match.getProcedure();
        table.row(
            Long.toString(procedure.getProcedureId()),
            Text.shortened(procedure.getName(), 48),
            Text.shortened(procedure.getCategory(), 24),
            Text.version(procedure.getCurrentVersion()),
            String.format(Locale.ROOT, "%.2f", match.getScore()),
            Text.shortened(procedure.getDescription(), 60));
      }
      table.print(terminal());
    }
    return ExitCodes.SUCCESS;
  }
}
