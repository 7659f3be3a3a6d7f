package io.athena.procedures;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The server's program. */
@Command(
    name = "athena",
    version = "athena 0.1.0",
    description = "The Athena procedure service.",
    subcommands = {ServeCommand.class, DoctorCommand.class},
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /** Runs a command; exits with its code. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setCommandName(Startup.command())
            .setParameterExceptionHandler((failure, given) -> Startup.reportUsage(failure))
            .setExecutionExceptionHandler((failure, command, parsed) -> {
              Startup.report(failure);
              return 1;
            })
            .execute(arguments));
  }
}
