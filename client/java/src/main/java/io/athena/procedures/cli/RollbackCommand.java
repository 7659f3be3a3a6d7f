package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes back to an earlier version. */
@Command(
    name = "rollback",
    description = {
      "Make the code of an earlier version current again, as a new version: history is never rewritten.",
      "Its confidence and its runs come back with it."
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} rollback word_statistics v2 -m 'v3 counts hyphens as words'",
      "  ${ROOT-COMMAND-NAME} rollback 3 stable",
    })
final class RollbackCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Parameters(
      index = "1",
      paramLabel = "VERSION",
      description =
          "To which version: its number (v3 or 3), a tag, or the first 7 or more digits of its commit.")
  private String target = "";

  @Option(
      names = {"-m", "--reason"},
      paramLabel = "TEXT",
      description = "Why; it becomes part of the new version's message.")
  private String reason = "";

  @Mixin private SavingOptions saving = new SavingOptions();

  @Override
  int run(AthenaClient client) throws IOException {
    RollbackProcedureCodeResponse response =
        client.rollbackProcedureCode(
            RollbackProcedureCodeRequest.newBuilder()
                .setProcedureId(procedure(client, idOrName).getProcedureId())
                .setTargetVersion(target)
                .setReason(reason)
                .setAuthor(saving.author())
                .setEtag(saving.etag())
                .build());
    String version = Text.version(response.getVersion().getVersion());
    if (json()) {
      terminal().print(Json.of(response));
    } else if (response.getCreated()) {
      terminal()
          .print(
              "Rolled back: %s has the code of %s."
                  .formatted(version, Text.version(response.getVersion().getRolledBackTo())));
    } else {
      terminal().print("Unchanged: " + version + ", the current version, has that code already.");
      if (!reason.isEmpty()) {
        terminal().tell("The reason was not kept, because no version was made.");
      }
    }
    return ExitCodes.SUCCESS;
  }
}
