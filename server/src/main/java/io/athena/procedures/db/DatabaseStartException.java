package io.athena.procedures.db;

/**
 * The database cannot be used, and the server cannot start without it. The message is one line for
 * the person who starts the server: what is wrong and what to do. It holds no password.
 */
public final class DatabaseStartException extends Exception {
  DatabaseStartException(String message) {
    super(oneLine(message));
  }

  DatabaseStartException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
