package io.athena.procedures.db;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs PostgreSQL's programs, with their output in a log file.
 *
 * <p>They refuse to run as root. For root they run in a user namespace without a mapping: there the
 * process still owns root's files but has none of root's powers, which is what PostgreSQL is after.
 */
final class PostgresPrograms {
  private static final long LARGEST_OLD_LOG = 1 << 20;

  private final Path home;
  private final Path log;
  private final List<String> wrapper;

  /** The programs of PostgreSQL in {@code home}, writing to {@code log}. */
  PostgresPrograms(Path home, Path log) throws IOException, DatabaseStartException {
    this.home = home;
    this.log = log;
    this.wrapper = isRoot() ? List.of("unshare", "--user") : List.of();
    if (!wrapper.isEmpty() && !canWrap()) {
      throw new DatabaseStartException(
          "the embedded PostgreSQL does not run as root where user namespaces are forbidden; start the server as another user, or give a PostgreSQL with --database-url");
    }
    if (Files.exists(log) && Files.size(log) > LARGEST_OLD_LOG) {
      Files.move(log, log.resolveSibling("postgres.log.old"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private boolean canWrap() {
    var command = new ArrayList<>(wrapper);
    command.add("true");
    try {
      return newBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The command line that starts a program. */
  List<String> command(String program, String... arguments) {
    var command = new ArrayList<>(wrapper);
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Runs a program to its end.
   *
   * @throws IOException if it reports a failure; the message is the last line of the log
   */
  void run(String program, String... arguments) throws IOException {
    long logSize = logSize();
    Process process = newBuilder(command(program, arguments)).start();
    process.getOutputStream().close();
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(program + " was interrupted", e);
    }
    if (status != 0) {
      throw new ProgramFailedException(program, logSince(logSize), log);
    }
  }

  /**
   * Prepares a process whose output goes to the log, and which does not inherit the server's own
   * settings: there may be a key among them.
   */
  ProcessBuilder newBuilder(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("ATHENA_"));
    return builder;
  }

  private long logSize() throws IOException {
    return Files.exists(log) ? Files.size(log) : 0;
  }

  private String logSince(long offset) throws IOException {
    byte[] content = Files.readAllBytes(log);
    int from = (int) Math.min(offset, content.length);
    return new String(content, from, content.length - from, StandardCharsets.UTF_8);
  }

  /** The log. */
  Path log() {
    return log;
  }

  /** A program ended with a failure. */
  static final class ProgramFailedException extends IOException {
    private final String output;

    ProgramFailedException(String program, String output, Path log) {
      super(program + ": " + reason(output) + " (see " + log + ")");
      this.output = output;
    }

    /** What it wrote. */
    String output() {
      return output;
    }

    private static String reason(String output) {
      List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
      return lines.stream()
          .filter(line -> line.contains("FATAL:") || line.contains("error:"))
          .reduce((first, second) -> second)
          .orElse(lines.isEmpty() ? "no reason given" : lines.getLast());
    }
  }
}
