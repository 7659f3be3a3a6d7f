package io.athena.procedures.db;

import java.nio.file.Path;

/** A server's database in a process of its own: remembers one procedure, then waits. */
final class ServerProgram {
  private ServerProgram() {}

  /** Says "ready", and ends when its standard input does. */
  public static void main(String[] arguments) throws Exception {
    try (Database database = Database.embedded(Path.of(arguments[0]))) {
      EmbeddedDatabaseTest.remember(database, "made by the server process");
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // Until the test closes it.
      }
    }
  }
}
