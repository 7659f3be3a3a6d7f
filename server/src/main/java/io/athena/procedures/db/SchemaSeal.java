package io.athena.procedures.db;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A note in the database that its schema was found to be that of this program.
 *
 * <p>Flyway needs a second of processor time to find that there is nothing to do, which is most of
 * a start. The seal is a hash of the program's migrations and of those that the database has seen,
 * so that it breaks when either changes, whoever changes it.
 */
final class SchemaSeal {
  private static final String HISTORY = "flyway_schema_history";

  private final byte[] migrations;

  private SchemaSeal(byte[] migrations) {
    this.migrations = migrations;
  }

  /** Of the program's migrations, which are files in a directory of the class path. */
  static SchemaSeal of(String directory) {
    URL url = Objects.requireNonNull(SchemaSeal.class.getResource(directory), directory);
    try {
      return new SchemaSeal(hash(url.toURI()));
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the program's migrations cannot be read", e);
    }
  }

  private static byte[] hash(URI directory) throws IOException {
    if (!directory.getScheme().equals("jar")) {
      return hash(Path.of(directory));
    }
    try (FileSystem jar = FileSystems.newFileSystem(directory, Map.of())) {
      String entry = directory.toString();
      return hash(jar.getPath(entry.substring(entry.indexOf('!') + 1)));
    }
  }

  private static byte[] hash(Path directory) throws IOException {
    MessageDigest digest = sha256();
    List<Path> files;
    try (Stream<Path> children = Files.list(directory)) {
      files = children.sorted().toList();
    }
    for (Path file : files) {
      digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(Files.readAllBytes(file));
    }
    return digest.digest();
  }

  /** True if the database carries the seal. */
  boolean isOn(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select coalesce(obj_description(to_regclass('%s'), 'pg_class'), '')"
                    .formatted(HISTORY))) {
      row.next();
      String seal = row.getString(1);
      return !seal.isEmpty() && seal.equals(sealFor(statement));
    }
  }

  /** Puts the seal on a database whose schema is that of this program. */
  void putOn(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("comment on table %s is '%s'".formatted(HISTORY, sealFor(statement)));
    }
  }

  private String sealFor(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            select coalesce(string_agg(h::text, ' ' order by installed_rank), '')
            from flyway_schema_history h
            """)) {
      row.next();
      MessageDigest digest = sha256();
      digest.update(migrations);
      return HexFormat.of()
          .formatHex(digest.digest(row.getString(1).getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
