package io.athena.procedures.config;

import org.jspecify.annotations.Nullable;

/**
 * Where data is kept.
 *
 * @param url JDBC URL of a PostgreSQL server, or null to run one in this process
 * @param user of the URL; empty if the URL says it
 * @param password of the URL; empty if the URL says it
 * @param maxConnections most connections to the database
 */
public record DatabaseConfig(
    @Nullable String url, String user, String password, int maxConnections) {
  @Override
  public String toString() {
    return "DatabaseConfig[maxConnections=" + maxConnections + "]";
  }
}
