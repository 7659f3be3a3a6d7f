package io.athena.procedures.cli;

import com.google.protobuf.FieldMask;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes a procedure's definition. */
@Command(
    name = "update",
    description = "Change a procedure's definition. What is not given stays as it is.",
    footer = {
      "  ${ROOT-COMMAND-NAME} update greet --description 'Greets by name'",
      "  ${ROOT-COMMAND-NAME} update 3 --name hello --if-etag \"$etag\"",
    })
final class UpdateCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Option(names = "--name", paramLabel = "NAME", description = "Its new name.")
  private @Nullable String name;

  @Mixin private DefinitionOptions definition = new DefinitionOptions();

  @Mixin private EtagOption etag = new EtagOption();

  @Override
  int run(AthenaClient client) throws IOException {
    Procedure.Builder procedure = Procedure.newBuilder();
    List<String> fields = definition.applyTo(procedure);
    if (name != null) {
      procedure.setName(name);
      fields.add("name");
    }
    if (fields.isEmpty()) {
      throw usage(
          "nothing to change; name at least one of --name, --step, --category, --description, --parameter, --template, --trigger");
    }
    procedure.setProcedureId(procedure(client, idOrName).getProcedureId()).setEtag(etag.given());
    Procedure changed =
        client
            .updateProcedure(
                UpdateProcedureRequest.newBuilder()
                    .setProcedure(procedure)
                    .setUpdateMask(FieldMask.newBuilder().addAllPaths(fields))
                    .build())
            .getProcedure();
    terminal()
        .print(
            json()
                ? Json.of(changed)
                : "Changed "
                    + String.join(", ", fields)
                    + " of procedure "
                    + changed.getProcedureId()
                    + ".");
    return ExitCodes.SUCCESS;
  }
}
