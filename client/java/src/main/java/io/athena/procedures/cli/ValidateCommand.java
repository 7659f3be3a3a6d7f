package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Examines code. */
@Command(
    name = "validate",
    description =
        "Examine Python code without running it: a file's, or a procedure's current code.",
    footer = {
      "  ${ROOT-COMMAND-NAME} validate greet.py",
      "  ${ROOT-COMMAND-NAME} validate greet.py --for greet --policy strict",
      "  ${ROOT-COMMAND-NAME} validate 3",
      "",
      "Exit codes: 0 nothing must be mended; 1 there are errors.",
    })
final class ValidateCommand extends ServiceCommand {
  @Parameters(
      paramLabel = "FILE|ID",
      description = "A file, \"-\" for standard input, or the id or name of a procedure.")
  private String what = "";

  @Option(
      names = "--for",
      paramLabel = "ID|NAME",
      description = "The procedure whose definition the file's code is compared with.")
  private String procedure = "";

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      description = "\"default\" or \"strict\"; else that of the procedure's project.")
  private String policy = "";

  @Override
  int run(AthenaClient client) throws IOException {
    ValidateProcedureCodeRequest.Builder request =
        ValidateProcedureCodeRequest.newBuilder().setPolicy(policy).setProject(athena().project());
    String name;
    if (what.equals("-") || Files.exists(Path.of(what))) {
      name = what.equals("-") ? "<standard input>" : what;
      request.setCode(read(Path.of(what)));
      if (!procedure.isEmpty()) {
        request.setProcedureId(procedure(client, procedure).getProcedureId());
      }
    } else if (what.endsWith(".py")) {
      throw usage("there is no file " + what);
    } else {
      var stored = procedure(client, what);
      name = stored.getName() + ".py";
      request
          .setProcedureId(stored.getProcedureId())
          .setCode(code(client, stored.getProcedureId()));
    }
    ValidationReport report = client.validateProcedureCode(request.build()).getReport();
    if (json()) {
      terminal().print(Json.of(report));
    } else {
      new ReportPrinter(terminal(), name, request.getCode()).print(report);
    }
    return report.getIssuesList().stream().anyMatch(ValidateCommand::mustBeMended)
        ? ExitCodes.FAILURE
        : ExitCodes.SUCCESS;
  }

  private static boolean mustBeMended(Issue issue) {
    return issue.getSeverity() == Severity.SEVERITY_ERROR && issue.getSilencedReason().isEmpty();
  }

  private static String code(AthenaClient client, long procedureId) {
    return client
        .getProcedureVersion(
            GetProcedureVersionRequest.newBuilder().setProcedureId(procedureId).build())
        .getVersion()
        .getCode();
  }
}
