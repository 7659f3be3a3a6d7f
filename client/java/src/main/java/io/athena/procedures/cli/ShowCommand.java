package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a procedure. */
@Command(
    name = "show",
    description = "Show a procedure, or its code.",
    footer = {
      "  ${ROOT-COMMAND-NAME} show word_statistics",
      "  ${ROOT-COMMAND-NAME} show 3 --code > main.py",
      "  ${ROOT-COMMAND-NAME} show 3 --code --at v1",
    })
final class ShowCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Option(names = "--code", description = "Print the code of its current version and nothing else.")
  private boolean code;

  @Option(
      names = "--at",
      paramLabel = "VERSION",
      description =
          "With --code: that of this version, as its number, a tag or the beginning of its commit.")
  private String version = "";

  @Override
  int run(AthenaClient client) throws IOException {
    if (!version.isEmpty() && !code) {
      throw usage("--at goes with --code; a procedure's definition has no versions");
    }
    Procedure procedure = procedure(client, idOrName);
    if (code) {
      printCode(client, procedure);
    } else if (json()) {
      terminal().print(Json.of(procedure));
    } else {
      print(procedure);
    }
    return ExitCodes.SUCCESS;
  }

  private void printCode(AthenaClient client, Procedure procedure) throws IOException {
    var shown =
        client
            .getProcedureVersion(
                GetProcedureVersionRequest.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .setVersion(version)
                    .build())
            .getVersion();
    if (json()) {
      terminal().print(Json.of(shown));
    } else {
      terminal().out().write(shown.getCode().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void print(Procedure procedure) throws IOException {
    terminal()
        .print(
            terminal().styled(Style.BOLD, Text.oneLine(procedure.getName()))
                + "  (procedure "
                + procedure.getProcedureId()
                + " of project "
                + Text.oneLine(procedure.getProject())
                + ")");
    if (!procedure.getDescription().isEmpty()) {
      terminal().print(Text.lines(procedure.getDescription()));
    }
    terminal().print("");
    field("category", procedure.getCategory());
    field(
        "code",
        procedure.getCurrentVersion() == 0
            ? "none yet"
            : Text.version(procedure.getCurrentVersion()));
    field("commit", procedure.getCurrentCommitId());
    field(
        "confidence",
        procedure.getCurrentVersion() == 0 ? "" : Text.percent(procedure.getConfidence()));
    field(
        "runs",
        procedure.getUsageCount()
            + (procedure.getUsageCount() == 0
                ? ""
                : ", " + Text.successRate(procedure) + " of them succeeded"));
    field(
        "created",
        Text.time(procedure.getCreateTime())
            + (procedure.getCreatedBy().isEmpty() ? "" : " by " + procedure.getCreatedBy()));
    field("changed", Text.time(procedure.getUpdateTime()));
    field("etag", procedure.getEtag());
    if (procedure.getParametersCount() > 0) {
      section("Parameters");
      for (Parameter parameter : procedure.getParametersList()) {
        String meaning =
            parameter.getDescription().isEmpty() ? "" : "  " + parameter.getDescription();
        terminal().print("  " + Text.oneLine(ParameterDeclaration.of(parameter) + meaning));
      }
    }
    if (procedure.getStepsCount() > 0) {
      section("Steps");
      int number = 1;
      for (Step step : procedure.getStepsList()) {
        terminal().print("  " + number++ + ". " + Text.lines(step.getDescription()));
      }
    }
    if (!procedure.getTemplate().isEmpty()) {
      section("Template");
      terminal().print(Text.lines(procedure.getTemplate()).indent(2).stripTrailing());
    }
  }

  private void field(String name, String value) throws IOException {
    if (!value.isEmpty()) {
      terminal().print(String.format("%-11s %s", name, Text.oneLine(value)));
    }
  }

  private void section(String title) throws IOException {
    terminal().print("");
    terminal().print(terminal().styled(Style.BOLD, title));
  }
}
