package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.GetExecutionRequest;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists what an execution has left. */
@Command(
    name = "artifacts",
    description = "List the files that an execution has left for its caller.",
    footer = "  ${ROOT-COMMAND-NAME} artifacts 01939f5e-7d4c-7000-8000-2f1b7c3a9d10")
final class ArtifactsCommand extends ServiceCommand {
  @Parameters(paramLabel = "EXECUTION", description = "Which execution.")
  private String executionId = "";

  @Override
  int run(AthenaClient client) throws IOException {
    Execution execution =
        client
            .getExecution(GetExecutionRequest.newBuilder().setExecutionId(executionId).build())
            .getExecution();
    if (json()) {
      for (ExecutionEvent.Artifact artifact : execution.getArtifactsList()) {
        terminal().print(Json.of(artifact));
      }
    } else if (execution.getArtifactsCount() == 0) {
      terminal().tell("No artifacts.");
    } else {
      Table table = new Table("NAME", ">SIZE", "SHA-256");
      for (ExecutionEvent.Artifact artifact : execution.getArtifactsList()) {
        table.row(artifact.getName(), Text.bytes(artifact.getSizeBytes()), artifact.getSha256());
      }
      table.print(terminal());
    }
    return ExitCodes.SUCCESS;
  }
}
