package io.athena.procedures.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.GetValidationPolicyRequest;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.ValidationPolicy;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows or sets a project's policy. */
@Command(
    name = "policy",
    description = "Show the policy that the project's code is held to, or give it another.",
    footer = {
      "  athena policy",
      "  echo '{\"extends\": \"strict\"}' | athena --project payments policy --set -",
      "  athena policy --reset",
    })
final class PolicyCommand extends ServiceCommand {
  @Option(
      names = "--set",
      paramLabel = "FILE",
      description = "A policy as JSON (docs/validation.md); \"-\" is standard input.")
  private @Nullable Path file;

  @Option(names = "--reset", description = "Go back to the default policy.")
  private boolean reset;

  @Override
  int run(AthenaClient client) throws IOException {
    ValidationPolicy policy;
    if (file != null && reset) {
      throw usage("--set and --reset exclude each other");
    } else if (file != null || reset) {
      policy =
          client.setValidationPolicy(
              SetValidationPolicyRequest.newBuilder()
                  .setProject(athena().project())
                  .setDocument(file == null ? Struct.getDefaultInstance() : document(file))
                  .build());
    } else {
      policy =
          client.getValidationPolicy(
              GetValidationPolicyRequest.newBuilder().setProject(athena().project()).build());
    }
    terminal().print(json() ? Json.of(policy) : Json.pretty(policy.getDocument()));
    return ExitCodes.SUCCESS;
  }

  private Struct document(Path source) {
    Struct.Builder document = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(read(source), document);
    } catch (InvalidProtocolBufferException e) {
      throw usage(source + " is no JSON object: " + Errors.told(e), e);
    }
    if (document.getFieldsCount() == 0) {
      throw usage(source + " says nothing; --reset goes back to the default policy");
    }
    return document.build();
  }
}
