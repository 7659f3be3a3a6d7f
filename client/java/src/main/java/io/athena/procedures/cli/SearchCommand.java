package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import io.athena.procedures.v1.SearchProceduresByConfidenceResponse;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists procedures one can rely on. */
@Command(
    name = "search",
    description = "List the procedures whose code deserves confidence, highest first.",
    footer = "  ${ROOT-COMMAND-NAME} search --min-confidence 0.8")
final class SearchCommand extends ServiceCommand {
  @Option(
      names = "--min-confidence",
      paramLabel = "SHARE",
      required = true,
      description = "0.0 to 1.0.")
  private double minConfidence;

  @Option(names = "--limit", paramLabel = "N", description = "At most so many; without it, all.")
  private int limit;

  @Override
  int run(AthenaClient client) throws IOException {
    if (limit < 0) {
      throw usage("--limit is 0 (all) or more, not " + limit);
    }
    List<Procedure> procedures =
        Pages.read(
            limit,
            page -> {
              SearchProceduresByConfidenceResponse response =
                  client.searchProceduresByConfidence(
                      SearchProceduresByConfidenceRequest.newBuilder()
                          .setMinConfidence(minConfidence)
                          .setProject(athena().project())
                          .setPageSize(page.size())
                          .setPageToken(page.token())
                          .build());
              return new Pages.Page<>(response.getProceduresList(), response.getNextPageToken());
            });
    if (json()) {
      terminal()
          .print(
              Json.of(
                  SearchProceduresByConfidenceResponse.newBuilder()
                      .addAllProcedures(procedures)
                      .build()));
    } else if (procedures.isEmpty()) {
      terminal()
          .tell(
              "No procedure has code with a confidence of "
                  + Text.percent(minConfidence)
                  + " or more.");
    } else {
      ProcedureTable.print(terminal(), procedures);
    }
    return ExitCodes.SUCCESS;
  }
}
