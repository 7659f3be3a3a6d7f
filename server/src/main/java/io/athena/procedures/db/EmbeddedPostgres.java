package io.athena.procedures.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A PostgreSQL server that lives and ends with this process, on loopback at a free port, open only
 * to whoever can read the password file in its data directory.
 *
 * <p>A guardian process stops it when this process ends, even by {@code kill -9}. Should both be
 * killed, the next start stops what is left of it first.
 */
final class EmbeddedPostgres implements AutoCloseable {
  private static final String USER = "athena";
  private static final String DATABASE = "postgres";

  /**
   * Fixed at every start and not in the data directory, so that a newer program can change them.
   */
  private static final List<String> SETTINGS =
      List.of(
          "listen_addresses=127.0.0.1",
          "unix_socket_directories=",
          "max_connections=50",
          "synchronous_commit=on",
          "timezone=UTC",
          "log_timezone=UTC",
          "log_checkpoints=off",
          // Statements are short: compiling them would cost more than it gains.
          "jit=off",
          // Plans made for empty tables are used until what was added is counted; a minute is long.
          "autovacuum_naptime=10s",
          // No replica ever reads from it, and reading ahead needs no processes of its own.
          "wal_level=minimal",
          "max_wal_senders=0",
          "io_method=sync");

  private final DataDirectory directory;
  private final Postmaster postmaster;
  private final DatabaseAddress address;

  private EmbeddedPostgres(
      DataDirectory directory, Postmaster postmaster, DatabaseAddress address) {
    this.directory = directory;
    this.postmaster = postmaster;
    this.address = address;
  }

  static EmbeddedPostgres start(Path dataDirectory) throws DatabaseStartException {
    return start(dataDirectory, List.of());
  }

  /** With settings of PostgreSQL ({@code name=value}) besides the usual ones. */
  static EmbeddedPostgres start(Path dataDirectory, List<String> settings)
      throws DatabaseStartException {
    DataDirectory directory = DataDirectory.take(dataDirectory);
    boolean started = false;
    try {
      EmbeddedPostgres postgres = start(directory, settings);
      started = true;
      return postgres;
    } catch (IOException e) {
      throw new DatabaseStartException(
          "the embedded PostgreSQL in %s cannot be started: %s"
              .formatted(directory.path(), e.getMessage()),
          e);
    } finally {
      if (!started) {
        directory.close();
      }
    }
  }

  private static EmbeddedPostgres start(DataDirectory directory, List<String> extraSettings)
      throws IOException, DatabaseStartException {
    Path data = directory.path().resolve("postgres");
    Path passwordFile = directory.path().resolve("postgres-password");
    var programs =
        new PostgresPrograms(
            PostgresBinaries.in(directory.path()), directory.path().resolve("postgres.log"));
    if (Files.isDirectory(data)) {
      requireSameVersion(data);
      Orphans.stop(programs, data);
    } else {
      initialize(programs, data, passwordFile);
    }
    var settings = new ArrayList<>(SETTINGS);
    settings.addAll(extraSettings);
    Postmaster postmaster = Postmaster.start(programs, data, settings);
    String password = Files.readString(passwordFile);
    return new EmbeddedPostgres(
        directory, postmaster, DatabaseAddress.local(postmaster.port(), DATABASE, USER, password));
  }

  /** Makes the data beside its place first, so that it is complete or not there. */
  private static void initialize(PostgresPrograms programs, Path data, Path passwordFile)
      throws IOException, DatabaseStartException {
    Path unfinished = data.resolveSibling("postgres.unfinished");
    Directories.delete(unfinished);
    writePassword(passwordFile);
    programs.run(
        "initdb",
        "--pgdata=" + unfinished,
        "--username=" + USER,
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // Needs nothing of the host, and sorts the same everywhere and after every upgrade.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8");
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writePassword(Path file) throws IOException {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
  }

  private static void requireSameVersion(Path data) throws IOException, DatabaseStartException {
    String version = Files.readString(data.resolve("PG_VERSION")).strip();
    if (!version.equals(PostgresBinaries.MAJOR_VERSION)) {
      throw new DatabaseStartException(
          "the data in %s was written by PostgreSQL %s, but this program brings PostgreSQL %s; upgrade it with pg_upgrade, or choose another directory with --data-dir"
              .formatted(data, version, PostgresBinaries.MAJOR_VERSION));
    }
  }

  /** Where it listens and how to get in. */
  DatabaseAddress address() {
    return address;
  }

  /** Stops it, and lets another server have the directory. */
  @Override
  public void close() {
    postmaster.close();
    directory.close();
  }
}
