package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line itself: the options every command takes. */
@Command(
    name = "athena",
    description =
        "Keeps procedures, gives them code, runs it in isolation, and learns from every run.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    version = "athena 0.1.0",
    scope = ScopeType.LOCAL,
    footer = {
      "",
      "Besides, on the machine that has the repository:",
      "  serve       Start the service (${ROOT-COMMAND-NAME} serve --help).",
      "  doctor      Say what this machine has and what it lacks, with the command that mends it.",
      "  test        Run every test and check.",
      "  bench       Measure runs against bare Python and runc.",
      "",
      "Exit codes: 0 done, or the run succeeded; 1 the run failed; 2 the command line is wrong;",
      "3 the run was skipped (no code); 4 the service refused the call or cannot be reached;",
      "70 a fault of the command itself; 130 interrupted.",
    })
final class Athena implements Runnable {
  private final Terminal terminal;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  private CommandSpec spec;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:ATHENA_SERVER:-" + AthenaClient.DEFAULT_ADDRESS + "}",
      scope = ScopeType.INHERIT,
      description =
          "Where the service is; else ATHENA_SERVER, else " + AthenaClient.DEFAULT_ADDRESS + ".")
  private String server = AthenaClient.DEFAULT_ADDRESS;

  @Option(
      names = "--project",
      paramLabel = "NAME",
      defaultValue = "${env:ATHENA_PROJECT:-}",
      scope = ScopeType.INHERIT,
      description = "The project to work in; else ATHENA_PROJECT, else \"default\".")
  private String project = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "File with the token for the service; else the token in ATHENA_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(names = "--tls", scope = ScopeType.INHERIT, description = "Speak TLS with the service.")
  private boolean tls;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Speak TLS and trust the certificates of this PEM file only.")
  private @Nullable Path tlsCa;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = Units.Time.class,
      scope = ScopeType.INHERIT,
      description =
          "How long an answer may take, such as 500ms or 2m; default 30s. Runs have --timeout.")
  private Duration deadline = Duration.ofSeconds(30);

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Write the API's own JSON, one object a line; errors too, on standard error.")
  private boolean json;

  Athena(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    spec.commandLine().usage(terminal.outWriter());
  }

  Terminal terminal() {
    return terminal;
  }

  /** True if the command line or the environment names the service, rather than the default. */
  boolean serverIsNamed() {
    return !server.equals(AthenaClient.DEFAULT_ADDRESS);
  }

  String server() {
    return server;
  }

  boolean usesTls() {
    return tls || tlsCa != null;
  }

  String project() {
    return project;
  }

  boolean json() {
    return json;
  }

  /** Opens a client as the options say. */
  AthenaClient connect() {
    return connect(server);
  }

  /** Opens a client to another address, as the options say otherwise. */
  AthenaClient connect(String address) {
    AthenaClientBuilder builder = AthenaClient.builder().deadline(deadline).maxAttempts(2);
    try {
      builder.address(address);
      if (tlsCa != null) {
        builder.tls(tlsCa);
      } else if (tls) {
        builder.tls();
      }
      String token =
          tokenFile == null ? System.getenv("ATHENA_TOKEN") : Files.readString(tokenFile).strip();
      if (token != null && !token.isEmpty()) {
        builder.token(token);
      }
      return builder.build();
    } catch (IOException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), Errors.told(e), e);
    }
  }
}
