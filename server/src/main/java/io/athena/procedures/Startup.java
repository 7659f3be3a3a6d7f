package io.athena.procedures;

import io.athena.procedures.auth.TokenFileException;
import io.athena.procedures.config.ConfigException;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.rpc.ListenException;
import java.io.PrintStream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Tells why the server does not start: one line if it is for the person who starts it to mend. */
final class Startup {
  private Startup() {}

  /** What people type to start this program, as the launcher tells. */
  static String command() {
    return System.getProperty("athena.command", "./athena");
  }

  /** Tells what is wrong with the command line, and gives the exit code that says so. */
  static int reportUsage(ParameterException failure) {
    System.err.println("athena: " + failure.getMessage());
    System.err.println(
        "Try '%s --help'.".formatted(failure.getCommandLine().getCommandSpec().qualifiedName()));
    return CommandLine.ExitCode.USAGE;
  }

  static void report(Exception failure) {
    PrintStream errors = System.err;
    switch (failure) {
      case ConfigException of -> errors.println("athena: " + of.getMessage());
      case TokenFileException of -> errors.println("athena: " + of.getMessage());
      case DatabaseStartException of -> errors.println("athena: " + of.getMessage());
      case ListenException of -> errors.println("athena: " + of.getMessage());
      default -> {
        errors.println("athena: the server cannot start: " + failure);
        LoggerFactory.getLogger(Startup.class).error("the server cannot start", failure);
      }
    }
  }
}
