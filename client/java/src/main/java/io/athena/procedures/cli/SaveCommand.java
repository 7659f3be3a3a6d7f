package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.Severity;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Saves code. */
@Command(
    name = "save",
    description = "Save Python code as the new current version of a procedure.",
    footer = {
      "  ${ROOT-COMMAND-NAME} save greet greet.py -m 'Greet politely'",
      "  generate | ${ROOT-COMMAND-NAME} save 3 -",
    })
final class SaveCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Parameters(index = "1", paramLabel = "FILE", description = "The code; \"-\" is standard input.")
  private Path file = Path.of("-");

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "Why.")
  private String message = "";

  @Mixin private SavingOptions saving = new SavingOptions();

  @Option(
      names = "--draft",
      description = "Save it even if it does not parse or breaks the project's policy.")
  private boolean draft;

  @Override
  int run(AthenaClient client) throws IOException {
    String code = read(file);
    SaveProcedureCodeResponse saved =
        client.saveProcedureCode(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(procedure(client, idOrName).getProcedureId())
                .setCode(code)
                .setMessage(message)
                .setAuthor(saving.author())
                .setEtag(saving.etag())
                .setDraft(draft)
                .build());
    String version = Text.version(saved.getVersion().getVersion());
    if (json()) {
      terminal().print(Json.of(saved));
    } else if (saved.getCreated()) {
      terminal().print("Saved " + version + (saved.getVersion().getDraft() ? " as a draft." : "."));
      tellFindings(saved);
    } else {
      terminal().print("Unchanged: " + version + " has this code already.");
    }
    return ExitCodes.SUCCESS;
  }

  private void tellFindings(SaveProcedureCodeResponse saved) throws IOException {
    long errors = count(saved, Severity.SEVERITY_ERROR);
    long warnings = count(saved, Severity.SEVERITY_WARNING);
    if (errors + warnings > 0) {
      terminal()
          .tell(
              "%d error%s, %d warning%s: 'athena validate %s' shows them."
                  .formatted(
                      errors,
                      errors == 1 ? "" : "s",
                      warnings,
                      warnings == 1 ? "" : "s",
                      idOrName));
    }
  }

  private static long count(SaveProcedureCodeResponse saved, Severity severity) {
    return saved.getValidation().getIssuesList().stream()
        .filter(issue -> issue.getSeverity() == severity && issue.getSilencedReason().isEmpty())
        .count();
  }
}
