package io.athena.procedures.db;

import io.athena.procedures.db.PostgresPrograms.ProgramFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A running PostgreSQL server and the guardian that stops it. */
final class Postmaster implements AutoCloseable {
  private static final int ATTEMPTS_TO_FIND_A_PORT = 5;

  /** Crash recovery may take a while; a second start in between would only disturb it. */
  private static final String LONGEST_START_SECONDS = "300";

  private static final int LONGEST_STOP_SECONDS = 60;

  /**
   * Waits for the end of its standard input, which comes when this process closes it or ends in
   * whatever way, and then stops PostgreSQL. Signals to the process group, such as Ctrl-C, must not
   * end it before that: the server still needs the database to end well.
   */
  private static final String GUARDIAN =
      "trap '' INT HUP TERM; while read -r line; do :; done; exec \"$@\"";

  private final int port;
  private final Process guardian;

  private Postmaster(int port, Process guardian) {
    this.port = port;
    this.guardian = guardian;
  }

  /** Starts PostgreSQL and returns when it takes connections. */
  static Postmaster start(PostgresPrograms programs, Path data, List<String> settings)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      String options =
          settings.stream()
              .map(setting -> " -c " + setting)
              .collect(Collectors.joining("", "-p " + port, ""));
      try {
        // It leaves our session, so that Ctrl-C in a terminal does not reach PostgreSQL.
        programs.run(
            "pg_ctl",
            "--pgdata=" + data,
            "--options=" + options,
            "--log=" + programs.log(),
            "--wait",
            "--timeout=" + LONGEST_START_SECONDS,
            "start");
        return new Postmaster(port, startGuardian(programs, data));
      } catch (ProgramFailedException e) {
        // Between our look and PostgreSQL's start another process may take the port.
        boolean portTaken = e.output().contains("could not bind");
        if (!portTaken || attempt == ATTEMPTS_TO_FIND_A_PORT) {
          throw e;
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static Process startGuardian(PostgresPrograms programs, Path data) throws IOException {
    var command = new ArrayList<>(List.of("sh", "-c", GUARDIAN, "athena-postgres-guardian"));
    command.addAll(
        programs.command(
            "pg_ctl",
            "--pgdata=" + data,
            "--mode=fast",
            "--wait",
            "--timeout=" + LONGEST_STOP_SECONDS,
            "stop"));
    return programs.newBuilder(command).start();
  }

  /** On which it listens. */
  int port() {
    return port;
  }

  /** Stops it and waits until it has ended. */
  @Override
  public void close() {
    try {
      guardian.getOutputStream().close();
      guardian.waitFor(LONGEST_STOP_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      // The guardian is gone already; the next start finds what it may have left.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
