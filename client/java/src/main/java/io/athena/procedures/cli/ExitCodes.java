package io.athena.procedures.cli;

/** What the exit code of a command tells. Listed in the help of the command line. */
final class ExitCodes {
  /** The command did what it says; for a run: outcome SUCCESS. */
  static final int SUCCESS = 0;

  /** A run had outcome FAILURE. */
  static final int FAILURE = 1;

  /** The command line is wrong: unknown option, missing argument, unreadable file. */
  static final int USAGE = 2;

  /** A run had outcome SKIPPED: the procedure has no code. */
  static final int SKIPPED = 3;

  /** The service refused the call or cannot be reached. */
  static final int SERVICE = 4;

  /** A fault of the command itself, or what it writes cannot be written. */
  static final int INTERNAL = 70;

  /** The user ended it, as a shell tells it (128 + SIGINT). */
  static final int INTERRUPTED = 130;

  /** The reader of standard output went away, as a shell tells it (128 + SIGPIPE). */
  static final int BROKEN_PIPE = 141;

  private ExitCodes() {}
}
