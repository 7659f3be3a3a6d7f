package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.ListProcedureVersionsResponse;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists versions. */
@Command(
    name = "versions",
    description = {
      "List the versions of a procedure's code, newest first; * marks the current one.",
      "Wherever a version is asked for, its number (v3 or 3), a tag or the first 7 or more digits of its commit do."
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} versions word_statistics",
      "  ${ROOT-COMMAND-NAME} versions 3 --limit 0 --json | jq -r '.versions[].message'",
    })
final class VersionsCommand extends ServiceCommand {
  private static final int COMMIT_DIGITS = 10;
  private static final int SUBJECT_LENGTH = 60;

  @Parameters(paramLabel = "ID|NAME", description = "Of which procedure.")
  private String idOrName = "";

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
    ListProcedureVersionsRequest.Builder request =
        ListProcedureVersionsRequest.newBuilder()
            .setProcedureId(procedure(client, idOrName).getProcedureId());
    List<CodeVersion> versions =
        Pages.read(
            limit,
            page -> {
              ListProcedureVersionsResponse response =
                  client.listProcedureVersions(
                      request.setPageSize(page.size()).setPageToken(page.token()).build());
              return new Pages.Page<>(response.getVersionsList(), response.getNextPageToken());
            });
    if (json()) {
      terminal()
          .print(
              Json.of(ListProcedureVersionsResponse.newBuilder().addAllVersions(versions).build()));
    } else if (versions.isEmpty()) {
      terminal()
          .tell(
              "There is no code yet. Save some with '%s save %s FILE'."
                  .formatted(Launcher.name(), Text.oneLine(idOrName)));
    } else {
      print(versions);
    }
    return ExitCodes.SUCCESS;
  }

  private void print(List<CodeVersion> versions) throws IOException {
    Table table =
        new Table("VERSION", "COMMIT", "SAVED", "AUTHOR", ">SIZE", ">CONFIDENCE", "TAGS", "WHY");
    for (CodeVersion version : versions) {
      String[] cells = {
        Text.version(version.getVersion()) + (version.getCurrent() ? " *" : ""),
        version.getCommitId().substring(0, Math.min(COMMIT_DIGITS, version.getCommitId().length())),
        Text.time(version.getCreateTime()),
        Text.shortened(version.getAuthor(), 24),
        Text.bytes(version.getSizeBytes()),
        Text.percent(version.getConfidence()),
        String.join(", ", version.getTagsList()),
        Text.shortened(version.getMessage().lines().findFirst().orElse(""), SUBJECT_LENGTH)
      };
      if (version.getCurrent()) {
        table.row(Style.GOOD, cells);
      } else {
        table.row(cells);
      }
    }
    table.print(terminal());
  }
}
