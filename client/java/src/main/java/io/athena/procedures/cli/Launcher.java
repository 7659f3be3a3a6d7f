package io.athena.procedures.cli;

/** The program that started this process. */
final class Launcher {
  private Launcher() {}

  /**
   * What people type to start it, as the launcher tells by the system property {@code
   * athena.command}.
   */
  static String name() {
    return System.getProperty("athena.command", "athena");
  }
}
