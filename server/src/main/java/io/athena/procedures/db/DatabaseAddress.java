package io.athena.procedures.db;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where a database is and how to get in.
 *
 * @param url for JDBC; may hold a password
 * @param properties for JDBC besides those in the URL; may hold a password
 * @param description for people; holds no password
 */
record DatabaseAddress(String url, Properties properties, String description) {
  private static final String FORMS =
      "give jdbc:postgresql://HOST:PORT/DATABASE?user=USER or postgresql://USER@HOST:PORT/DATABASE";

  /** The embedded database's, on loopback. */
  static DatabaseAddress local(int port, String database, String user, String password) {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    String place = "127.0.0.1:" + port + "/" + database;
    return new DatabaseAddress("jdbc:postgresql://" + place, properties, "PostgreSQL at " + place);
  }

  static DatabaseAddress parse(String url) throws DatabaseStartException {
    String jdbcUrl = url.startsWith("jdbc:") ? url : fromLibpq(url);
    @Nullable Properties parsed = Driver.parseURL(jdbcUrl, new Properties());
    if (parsed == null) {
      // The URL itself is not shown: it may hold a password.
      throw new DatabaseStartException("the database URL is not one of PostgreSQL; " + FORMS);
    }
    String place =
        parsed.getProperty("PGHOST", "localhost")
            + ":"
            + parsed.getProperty("PGPORT", "5432")
            + "/"
            + parsed.getProperty("PGDBNAME", "");
    return new DatabaseAddress(jdbcUrl, new Properties(), "PostgreSQL at " + place);
  }

  private static String fromLibpq(String url) throws DatabaseStartException {
    if (!url.startsWith("postgresql://") && !url.startsWith("postgres://")) {
      throw new DatabaseStartException("the database URL is not one of PostgreSQL; " + FORMS);
    }
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      // The cause is left out: it repeats the URL, which may hold a password.
      throw new DatabaseStartException("the database URL cannot be read; " + FORMS);
    }
    if (uri.getHost() == null) {
      throw new DatabaseStartException("the database URL names no host; " + FORMS);
    }
    StringBuilder jdbc = new StringBuilder("jdbc:postgresql://").append(uri.getHost());
    if (uri.getPort() >= 0) {
      jdbc.append(':').append(uri.getPort());
    }
    jdbc.append(uri.getRawPath().isEmpty() ? "/" : uri.getRawPath());
    StringBuilder query = new StringBuilder(uri.getRawQuery() == null ? "" : uri.getRawQuery());
    if (uri.getUserInfo() != null) {
      String[] userAndPassword = uri.getUserInfo().split(":", 2);
      append(query, "user", userAndPassword[0]);
      if (userAndPassword.length == 2) {
        append(query, "password", userAndPassword[1]);
      }
    }
    return query.isEmpty() ? jdbc.toString() : jdbc + "?" + query;
  }

  private static void append(StringBuilder query, String name, String value) {
    query
        .append(query.isEmpty() ? "" : "&")
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return description;
  }
}
