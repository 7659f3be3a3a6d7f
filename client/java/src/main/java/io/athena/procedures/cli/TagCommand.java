package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.TagProcedureVersionResponse;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import io.athena.procedures.v1.UntagProcedureVersionResponse;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Names versions. */
@Command(
    name = "tag",
    description = {
      "Name a version of a procedure's code, or take a name away.",
      "The name then serves wherever a version is asked for, and is a tag in git."
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} tag word_statistics stable          # the current version",
      "  ${ROOT-COMMAND-NAME} tag word_statistics stable v2 --move",
      "  ${ROOT-COMMAND-NAME} tag 3 1.2.0 --delete",
    })
final class TagCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Parameters(
      index = "1",
      paramLabel = "TAG",
      description = "The name: letters, digits, '.', '_', '-', '+', such as stable or 1.2.0.")
  private String tag = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "VERSION",
      description =
          "Which version: its number (v3 or 3), another tag, or the first digits of its commit; else the current one.")
  private String version = "";

  @Option(names = "--move", description = "Take the name from the version that has it.")
  private boolean move;

  @Option(names = "--delete", description = "Take the name away; the version stays.")
  private boolean delete;

  @Override
  int run(AthenaClient client) throws IOException {
    if (delete && (move || !version.isEmpty())) {
      throw usage("--delete takes the name from whichever version has it: no VERSION, no --move");
    }
    long id = procedure(client, idOrName).getProcedureId();
    if (delete) {
      remove(client, id);
    } else {
      give(client, id);
    }
    return ExitCodes.SUCCESS;
  }

  private void give(AthenaClient client, long id) throws IOException {
    TagProcedureVersionResponse response =
        client.tagProcedureVersion(
            TagProcedureVersionRequest.newBuilder()
                .setProcedureId(id)
                .setVersion(version)
                .setTag(tag)
                .setMove(move)
                .build());
    String moved =
        response.getMovedFromVersion() == 0
            ? ""
            : ", no longer " + Text.version(response.getMovedFromVersion());
    terminal()
        .print(
            json()
                ? Json.of(response)
                : "'%s' is %s%s."
                    .formatted(
                        Text.oneLine(tag),
                        Text.version(response.getVersion().getVersion()),
                        moved));
  }

  private void remove(AthenaClient client, long id) throws IOException {
    UntagProcedureVersionResponse response =
        client.untagProcedureVersion(
            UntagProcedureVersionRequest.newBuilder().setProcedureId(id).setTag(tag).build());
    terminal()
        .print(
            json()
                ? Json.of(response)
                : "%s is no longer '%s'."
                    .formatted(
                        Text.version(response.getVersion().getVersion()), Text.oneLine(tag)));
  }
}
