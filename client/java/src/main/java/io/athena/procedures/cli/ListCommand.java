package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.ListProceduresResponse;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists procedures. */
@Command(
    name = "list",
    description = "List procedures by id.",
    footer = {
      "  ${ROOT-COMMAND-NAME} list --category text",
      "  ${ROOT-COMMAND-NAME} list --json | jq -r '.procedures[].name'",
    })
final class ListCommand extends ServiceCommand {
  @Option(names = "--category", paramLabel = "TEXT", description = "Only this category.")
  private String category = "";

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
              ListProceduresResponse response =
                  client.listProcedures(
                      ListProceduresRequest.newBuilder()
                          .setProject(athena().project())
                          .setCategory(category)
                          .setPageSize(page.size())
                          .setPageToken(page.token())
                          .build());
              return new Pages.Page<>(response.getProceduresList(), response.getNextPageToken());
            });
    if (json()) {
      terminal()
          .print(Json.of(ListProceduresResponse.newBuilder().addAllProcedures(procedures).build()));
    } else if (procedures.isEmpty()) {
      terminal()
          .tell(
              "There are no procedures yet. Store one with '%s remember NAME --code FILE'."
                  .formatted(Launcher.name()));
    } else {
      ProcedureTable.print(terminal(), procedures);
    }
    return ExitCodes.SUCCESS;
  }
}
