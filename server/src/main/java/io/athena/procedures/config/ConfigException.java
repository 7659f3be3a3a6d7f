package io.athena.procedures.config;

/** A setting cannot be used; the message names it, its value unless secret, and what would do. */
public final class ConfigException extends Exception {
  /** With one line for the person who set it. */
  public ConfigException(String message) {
    super(message);
  }

  /** With one line for the person who set it, and what failed. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
