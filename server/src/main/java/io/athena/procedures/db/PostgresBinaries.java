package io.athena.procedures.db;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** The program files of PostgreSQL, unpacked from the class path. */
final class PostgresBinaries {
  /** Of the files on the class path. The data of another major version cannot be read by them. */
  static final String MAJOR_VERSION = "18";

  private static final Map<String, String> ARCHIVES =
      Map.of(
          "Linux/amd64", "/postgres-linux-x86_64.txz",
          "Linux/aarch64", "/postgres-linux-arm_64.txz");

  private PostgresBinaries() {}

  /**
   * Gives PostgreSQL's home directory, unpacked into a directory of its own in {@code parent} if it
   * is not there yet. Only one process at a time may use {@code parent}.
   */
  static Path in(Path parent) throws DatabaseStartException {
    String platform = System.getProperty("os.name") + "/" + System.getProperty("os.arch");
    String archive = ARCHIVES.getOrDefault(platform, "/none");
    @Nullable URL packed = PostgresBinaries.class.getResource(archive);
    if (packed == null) {
      throw new DatabaseStartException(
          "there is no embedded PostgreSQL for %s; start one and give its address with --database-url"
              .formatted(platform));
    }
    try {
      URLConnection connection = packed.openConnection();
      // Tells one release from another without reading it.
      Path home = parent.resolve("postgresql-" + connection.getContentLengthLong());
      if (!Files.isDirectory(home)) {
        unpack(connection, home);
      }
      return home;
    } catch (IOException e) {
      throw new DatabaseStartException(
          "PostgreSQL's program files cannot be unpacked into %s: %s"
              .formatted(parent, e.getMessage()),
          e);
    }
  }

  /** Unpacks beside {@code home} first, so that {@code home} is complete or not there. */
  private static void unpack(URLConnection packed, Path home) throws IOException {
    Path unfinished = home.resolveSibling(home.getFileName() + ".unfinished");
    Directories.delete(unfinished);
    try (InputStream bytes = new BufferedInputStream(packed.getInputStream(), 1 << 16);
        var archive = new TarArchiveInputStream(new XZInputStream(bytes))) {
      for (@Nullable TarArchiveEntry entry = archive.getNextEntry();
          entry != null;
          entry = archive.getNextEntry()) {
        // Libraries for linking are of no use here.
        if (!entry.getName().endsWith(".a")) {
          unpack(archive, entry, unfinished);
        }
      }
    }
    Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void unpack(TarArchiveInputStream archive, TarArchiveEntry entry, Path into)
      throws IOException {
    Path target = into.resolve(entry.getName()).normalize();
    if (!target.startsWith(into)) {
      throw new IOException("an entry leads out of the archive: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(archive, target);
      boolean executable = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }
}
