package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ExportProceduresResponse;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives a library of procedures. */
@Command(
    name = "export",
    description = {
      "Give all procedures of the project with their current code: JSON Lines on standard output,",
      "or folders with a SKILL.md. 'import' reads both. What is the service's own, such as ids,",
      "times and statistics, is left out; so is what is forgotten meanwhile. Beside the code stands",
      "where it comes from, so that it is worth no more elsewhere than here.",
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} export > library.jsonl",
      "  ${ROOT-COMMAND-NAME} --project tools export --skills skills/",
    })
final class ExportCommand extends ServiceCommand {
  @Option(
      names = "--skills",
      paramLabel = "DIRECTORY",
      description =
          "Write folders with SKILL.md, procedure.json, main.py and origin.json below it.")
  private @Nullable Path directory;

  @Override
  int run(AthenaClient client) throws IOException {
    int count = 0;
    try (ResponseStream<ExportProceduresResponse> all =
        client.exportProcedures(
            ExportProceduresRequest.newBuilder().setProject(athena().project()).build())) {
      while (all.hasNext()) {
        ExportProceduresResponse exported = all.next();
        count++;
        if (directory == null) {
          terminal()
              .print(
                  Json.of(
                      exported.toBuilder()
                          .setProcedure(SkillFolder.definition(exported.getProcedure()))));
        } else {
          terminal().tell(SkillFolder.write(directory, exported).toString());
        }
      }
    }
    if (directory != null) {
      terminal().print(count + " exported");
    } else if (count == 0) {
      terminal().tell("The project has no procedures.");
    }
    return ExitCodes.SUCCESS;
  }
}
