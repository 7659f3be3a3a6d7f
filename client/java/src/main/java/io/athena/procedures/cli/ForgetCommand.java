package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Removes a procedure. */
@Command(
    name = "forget",
    description = "Remove a procedure with its code, versions, statistics and executions.",
    footer = "  ${ROOT-COMMAND-NAME} forget greet")
final class ForgetCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Mixin private EtagOption etag = new EtagOption();

  @Override
  int run(AthenaClient client) throws IOException {
    Procedure procedure = procedure(client, idOrName);
    client.forgetProcedure(
        ForgetProcedureRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setEtag(etag.given())
            .build());
    terminal()
        .print(
            json()
                ? Json.of(procedure)
                : "Forgot procedure "
                    + procedure.getProcedureId()
                    + " ("
                    + Text.oneLine(procedure.getName())
                    + ").");
    return ExitCodes.SUCCESS;
  }
}
