package io.athena.procedures.config;

import java.util.Locale;

/**
 * A setting there is.
 *
 * @param key path in the configuration file, such as {@code server.port}
 * @param defaultValue as it would be written in the file; empty for none
 * @param description what it does, for the person who sets it
 */
record Setting(String key, String defaultValue, String description) {
  /** The environment variable that sets it, such as {@code ATHENA_SERVER_PORT}. */
  String variable() {
    return "ATHENA_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
