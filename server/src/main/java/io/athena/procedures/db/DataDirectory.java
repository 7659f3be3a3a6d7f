package io.athena.procedures.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds the embedded database, held by one server at a time.
 *
 * <p>The operating system drops the lock when the process ends, however it ends.
 */
final class DataDirectory implements AutoCloseable {
  /**
   * Directories held by this process. Asked first, because opening and closing a file that this
   * process has locked would drop the lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes the directory if it is not there, and takes it.
   *
   * @throws DatabaseStartException if another server has it, or it cannot be written
   */
  static DataDirectory take(Path directory) throws DatabaseStartException {
    try {
      if (Files.exists(directory) && !Files.isDirectory(directory)) {
        throw new DatabaseStartException(
            "the data directory %s is no directory; choose another with --data-dir"
                .formatted(directory));
      }
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory.toAbsolutePath().getParent());
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path path = directory.toRealPath();
      if (!HELD.add(path)) {
        throw inUse(path, Long.toString(ProcessHandle.current().pid()));
      }
      boolean taken = false;
      try {
        DataDirectory dataDirectory = new DataDirectory(path, lock(path));
        taken = true;
        return dataDirectory;
      } finally {
        if (!taken) {
          HELD.remove(path);
        }
      }
    } catch (IOException e) {
      throw new DatabaseStartException(
          "the data directory %s cannot be written: %s; choose another with --data-dir"
              .formatted(directory, describe(e)),
          e);
    }
  }

  private static FileChannel lock(Path path) throws IOException, DatabaseStartException {
    Path lockFile = path.resolve("lock");
    Path holderFile = path.resolve("server.pid");
    FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      String holder;
      try {
        holder = Files.readString(holderFile).strip();
      } catch (NoSuchFileException e) {
        holder = "not yet known";
      }
      throw inUse(path, holder);
    }
    Files.writeString(holderFile, ProcessHandle.current().pid() + "\n");
    return channel;
  }

  private static DatabaseStartException inUse(Path path, String holder) {
    return new DatabaseStartException(
        "the data directory %s is in use by the server with process id %s; stop that server, or choose another directory with --data-dir"
            .formatted(path, holder));
  }

  private static String describe(IOException failure) {
    if (failure instanceof FileSystemException of) {
      return of.getFile() + ": " + reason(of);
    }
    return String.valueOf(failure.getMessage());
  }

  private static String reason(FileSystemException failure) {
    return switch (failure) {
      case AccessDeniedException e -> "permission denied";
      case NoSuchFileException e -> "does not exist";
      case FileAlreadyExistsException e -> "is no directory";
      default -> failure.getReason() == null ? failure.toString() : failure.getReason();
    };
  }

  /** Without symbolic links. */
  Path path() {
    return path;
  }

  /** Lets another server have it. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closing frees the descriptor and with it the lock even if it reports a failure.
    }
    HELD.remove(path);
  }
}
