package io.athena.procedures.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Looks whether a database can be reached, and changes nothing in it. */
public final class DatabaseProbe {
  private static final int SECONDS_TO_CONNECT = 3;

  private DatabaseProbe() {}

  /**
   * Connects and tells what is there, in words without the password.
   *
   * @throws DatabaseStartException if the URL is none of PostgreSQL
   * @throws SQLException if nobody answers, or refuses
   */
  public static String describe(String url) throws DatabaseStartException, SQLException {
    DatabaseAddress address = DatabaseAddress.parse(url);
    Properties properties = new Properties(address.properties());
    properties.setProperty("connectTimeout", Integer.toString(SECONDS_TO_CONNECT));
    try (Connection connection = DriverManager.getConnection(address.url(), properties)) {
      return address.description()
          + ", version "
          + connection.getMetaData().getDatabaseProductVersion();
    }
  }
}
