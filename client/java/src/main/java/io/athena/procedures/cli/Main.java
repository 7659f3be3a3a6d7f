package io.athena.procedures.cli;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Entry point of the command line. */
public final class Main {
  // Held here because a logger that nothing refers to may be collected, and its level with it.
  private static final Logger TRANSPORT_LOGGER = Logger.getLogger("io.grpc");

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) throws IOException {
    // What the transport would log, the command tells as an error in its own words.
    TRANSPORT_LOGGER.setLevel(Level.OFF);
    Terminal terminal = Terminal.ofProcess();
    String unreadable = Arguments.unreadable(arguments);
    System.exit(
        unreadable == null
            ? execute(terminal, arguments)
            : new ErrorReport(terminal)
                .handleParseException(
                    new ParameterException(commandLine(terminal), unreadable), arguments));
  }

  /** Runs one command. */
  static int execute(Terminal terminal, String... arguments) {
    return commandLine(terminal, arguments).execute(arguments);
  }

  private static CommandLine commandLine(Terminal terminal, String... arguments) {
    CommandLine commandLine = new CommandLine(new Athena(terminal));
    Commands.mentionedIn(arguments).forEach(commandLine::addSubcommand);
    commandLine.setCommandName(Launcher.name());
    commandLine.setExpandAtFiles(false);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpAutoWidth(false);
    commandLine.setUsageHelpWidth(100);
    commandLine.setColorScheme(terminal.colorScheme());
    commandLine.setOut(terminal.outWriter());
    commandLine.setErr(terminal.errWriter());
    ErrorReport errors = new ErrorReport(terminal);
    commandLine.setParameterExceptionHandler(errors);
    commandLine.setExecutionExceptionHandler(errors);
    return commandLine;
  }
}
