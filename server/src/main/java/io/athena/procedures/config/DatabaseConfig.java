package io.athena.procedures.config;

import org.jspecify.annotations.Nullable;

/**
 * Where data is kept.
 *
 * @param url of a PostgreSQL server, with its password, or null to run one in the data directory
 */
public record DatabaseConfig(@Nullable String url) {
  @Override
  public String toString() {
    return url == null ? "DatabaseConfig[embedded]" : "DatabaseConfig[external]";
  }
}
