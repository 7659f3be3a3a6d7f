package io.athena.procedures.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens connections: one, or a pool of them. */
final class Connections {
  /**
   * Connections of one server. Every request runs on a virtual thread, so this and not the number
   * of threads bounds what the database does at a time; a few for each core of the database's
   * machine are enough, because statements are short.
   */
  private static final int POOL_SIZE = 16;

  private static final int LONGEST_WAIT_MILLIS = 10_000;

  private Connections() {}

  /** Opens a pool. Does not fail if the database cannot be reached: its users will. */
  static HikariDataSource open(DatabaseAddress address) {
    var config = new HikariConfig();
    config.setPoolName("athena");
    config.setJdbcUrl(address.url());
    config.setDataSourceProperties(withDefaults(address));
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(LONGEST_WAIT_MILLIS);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /** Opens one connection; fails within ten seconds. */
  static Connection openOne(DatabaseAddress address) throws SQLException {
    return DriverManager.getConnection(address.url(), withDefaults(address));
  }

  /** Gives a new connection each time, for what runs before there is a pool. */
  static DataSource plainDataSource(DatabaseAddress address) throws DatabaseStartException {
    var dataSource = new PGSimpleDataSource();
    dataSource.setUrl(address.url());
    Properties properties = withDefaults(address);
    try {
      for (String name : properties.stringPropertyNames()) {
        dataSource.setProperty(name, properties.getProperty(name));
      }
    } catch (SQLException e) {
      throw new DatabaseStartException("the database URL cannot be used: " + e.getMessage(), e);
    }
    return dataSource;
  }

  private static Properties withDefaults(DatabaseAddress address) {
    var properties = new Properties();
    // In seconds.
    properties.setProperty("connectTimeout", "4");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "athena");
    // The server parses a statement once for each connection from its second use on.
    properties.setProperty("prepareThreshold", "2");
    properties.setProperty("preparedStatementCacheQueries", "512");
    properties.setProperty("reWriteBatchedInserts", "true");
    properties.putAll(address.properties());
    return properties;
  }
}
