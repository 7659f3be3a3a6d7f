package io.athena.procedures.cli;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells where git finds the history. */
@Command(
    name = "git-url",
    description = {
      "Print the address of a project's git repository, for any git client; it is for reading only.",
      "Each procedure is a branch, procedures/ID, and each version a tag, procedures/ID/v3. Where the service asks "
          + "for a token, git is to send it as the password; the user's name does not matter."
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} git-url word_statistics      # with its branch, on standard error",
      "  git clone -b procedures/3 \"$(${ROOT-COMMAND-NAME} git-url)\"",
      "With all branches under their own names, so that 'git log procedures/ID' finds each:",
      "  git clone -c remote.origin.fetch='+refs/heads/procedures/*:refs/remotes/procedures/*' \\",
      "      \"$(${ROOT-COMMAND-NAME} git-url)\"",
    })
final class GitUrlCommand extends ServiceCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "ID|NAME",
      description = "Of this procedure's project; else of --project.")
  private @Nullable String idOrName;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description =
          "Where the service has HTTP, if that is not where it has gRPC (server.http-port, on Netty).")
  private @Nullable Integer httpPort;

  @Override
  int run(AthenaClient client) throws IOException {
    Procedure procedure =
        idOrName == null ? Procedure.getDefaultInstance() : procedure(client, idOrName);
    String project = project(procedure);
    if (idOrName == null) {
      requireProcedures(client, project);
    }
    String url =
        "%s://%s/git/%s.git".formatted(athena().usesTls() ? "https" : "http", address(), project);
    String branch = idOrName == null ? "" : "procedures/" + procedure.getProcedureId();
    if (json()) {
      Struct.Builder answer = Struct.newBuilder().putFields("url", text(url));
      if (!branch.isEmpty()) {
        answer.putFields("branch", text(branch));
      }
      terminal().print(Json.of(answer.build()));
      return ExitCodes.SUCCESS;
    }
    terminal().print(url);
    if (!branch.isEmpty()) {
      terminal().tell("branch " + branch + ", as in: git clone -b " + branch + " " + url);
    }
    return ExitCodes.SUCCESS;
  }

  private String project(Procedure procedure) {
    String project = procedure.getProject().isEmpty() ? athena().project() : procedure.getProject();
    return project.isEmpty() ? "default" : project;
  }

  /** Git would be told that there is no such repository. */
  private void requireProcedures(AthenaClient client, String project) {
    boolean none =
        client
            .listProcedures(
                ListProceduresRequest.newBuilder().setProject(project).setPageSize(1).build())
            .getProceduresList()
            .isEmpty();
    if (none) {
      throw usage(
          "project '%s' has no procedure, and so no repository".formatted(Text.oneLine(project)));
    }
  }

  private String address() {
    String server = athena().server();
    if (httpPort == null) {
      return server;
    }
    if (httpPort < 1 || httpPort > 65_535) {
      throw usage("--http-port is 1 to 65535, not " + httpPort);
    }
    return server.substring(0, server.lastIndexOf(':') + 1) + httpPort;
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
