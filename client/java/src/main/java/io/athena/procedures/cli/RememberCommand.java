package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stores a procedure. */
@Command(
    name = "remember",
    description = "Store a procedure and print its id.",
    footer = {
      "  ${ROOT-COMMAND-NAME} remember greet --step 'Say hello' --parameter name:string=world --code greet.py",
      "  id=$(${ROOT-COMMAND-NAME} remember word_count --category text --parameter path:string)",
    })
final class RememberCommand extends ServiceCommand {
  @Parameters(paramLabel = "NAME", description = "Its name, unique in the project.")
  private String name = "";

  @Mixin private DefinitionOptions definition = new DefinitionOptions();

  @Option(names = "--created-by", paramLabel = "WHO", description = "Who made it, in your words.")
  private String createdBy = "";

  @Option(
      names = "--code",
      paramLabel = "FILE",
      description = "Python code to save as its first version; \"-\" is standard input.")
  private @Nullable Path codeFile;

  @Override
  int run(AthenaClient client) throws IOException {
    // Read first: a file that is not there must not leave a procedure without code behind.
    String code = codeFile == null ? null : read(codeFile);
    Procedure.Builder procedure =
        Procedure.newBuilder().setName(name).setProject(athena().project()).setCreatedBy(createdBy);
    definition.applyTo(procedure);
    Procedure stored = client.rememberProcedure(procedure.build());
    if (code != null) {
      client.saveProcedureCode(
          SaveProcedureCodeRequest.newBuilder()
              .setProcedureId(stored.getProcedureId())
              .setCode(code)
              .build());
      stored = client.getProcedure(stored.getProcedureId());
    }
    terminal().print(json() ? Json.of(stored) : Long.toString(stored.getProcedureId()));
    return ExitCodes.SUCCESS;
  }
}
