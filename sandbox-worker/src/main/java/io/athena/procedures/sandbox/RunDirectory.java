package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's folder below the shared run directory: {@code lib} (the harness), {@code runtime} (the
 * OCI runtime's state), {@code cgroups} (parents of its groups) and one folder a container. A lock
 * on {@code lock} says that its worker lives; the kernel takes it away however the worker ends.
 */
final class RunDirectory implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(RunDirectory.class);
  private static final String LOCK = "lock";
  private static final String CGROUPS = "cgroups";
  private static final Set<StandardOpenOption> WRITABLE =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  private static final ReentrantLock ONE_SWEEP_IN_PROCESS = new ReentrantLock();
  static final List<String> HARNESS =
      List.of(
          "__init__.py",
          "analysis.py",
          "artifacts.py",
          "cells.py",
          "cgroups.py",
          "channel.py",
          "bindings.py",
          "constants.py",
          "containers.py",
          "entry.py",
          "facts.py",
          "failures.py",
          "frames.py",
          "functions.py",
          "isolation.py",
          "kernel.py",
          "locks.py",
          "modules.py",
          "names.py",
          "networks.py",
          "origins.py",
          "places.py",
          "preload.py",
          "program.py",
          "sandbox.py",
          "nursery.py",
          "scopes.py",
          "slot.py",
          "structure.py",
          "values.py",
          "verdict.py",
          "walk.py",
          "zygote.py");

  private final Path path;
  private final FileChannel lockFile;

  private RunDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes a worker's folder, after clearing away what dead workers left under the same run
   * directory.
   */
  static RunDirectory create(WorkerConfig config, String workerId, HostCgroups cgroups)
      throws IOException {
    Path parent = config.runDirectory();
    Files.createDirectories(parent, traversable());
    Path path = parent.resolve(workerId);
    FileChannel lockFile;
    // Between its making and its locking a new folder looks like a dead worker's: one worker at a
    // time.
    ONE_SWEEP_IN_PROCESS.lock();
    try (FileChannel sweepFile = FileChannel.open(parent.resolve(LOCK), WRITABLE);
        FileLock _ = sweepFile.lock()) {
      sweep(parent, config.runtime());
      Files.createDirectory(path, traversable());
      lockFile = lock(path);
    } finally {
      ONE_SWEEP_IN_PROCESS.unlock();
    }
    if (lockFile == null) {
      throw new IOException("the new folder %s is locked by another worker".formatted(path));
    }
    RunDirectory directory = new RunDirectory(path, lockFile);
    List<String> groups = cgroups.parents().stream().map(Path::toString).toList();
    Files.write(path.resolve(CGROUPS), groups);
    directory.extractHarness();
    return directory;
  }

  Path path() {
    return path;
  }

  Path library() {
    return path.resolve("lib");
  }

  Path runtimeState() {
    return path.resolve("runtime");
  }

  /** Deletes the folder; its containers must have ended. */
  @Override
  public void close() throws IOException {
    deleteTree(path);
    lockFile.close();
  }

  /** Name of a container's control group: unique on the host, and telling whose it was. */
  static String groupName(String workerId, String containerId) {
    return "athena-" + workerId + "-" + containerId;
  }

  private static void sweep(Path parent, String runtime) throws IOException {
    try (DirectoryStream<Path> workers = Files.newDirectoryStream(parent, Files::isDirectory)) {
      for (Path worker : workers) {
        try (FileChannel lockFile = lock(worker)) {
          if (lockFile != null) {
            log.info("clearing away what the dead worker {} left", worker.getFileName());
            clear(worker, runtime);
          }
        } catch (IOException e) {
          log.warn("what the dead worker {} left cannot be cleared away: {}", worker, e.toString());
        }
      }
    }
  }

  private static void clear(Path worker, String runtime) throws IOException {
    Path state = worker.resolve("runtime");
    if (Files.isDirectory(state)) {
      try (DirectoryStream<Path> containers = Files.newDirectoryStream(state, Files::isDirectory)) {
        for (Path container : containers) {
          String id = container.getFileName().toString();
          Command.run(List.of(runtime, "--root", state.toString(), "delete", "--force", id));
        }
      }
    }
    Path groups = worker.resolve(CGROUPS);
    if (Files.exists(groups)) {
      for (String group : Files.readAllLines(groups)) {
        removeGroups(Path.of(group), groupName(worker.getFileName().toString(), "*"));
      }
    }
    deleteTree(worker);
  }

  /**
   * Removes control groups whose names match, with their children. Groups that still hold processes
   * stay.
   */
  static void removeGroups(Path parent, String glob) throws IOException {
    if (!Files.isDirectory(parent)) {
      return;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, glob)) {
      for (Path group : found) {
        removeGroup(group);
      }
    }
  }

  private static void removeGroup(Path group) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        removeGroup(child);
      }
    }
    Files.deleteIfExists(group);
  }

  private static @Nullable FileChannel lock(Path worker) throws IOException {
    FileChannel file;
    try {
      file = FileChannel.open(worker.resolve(LOCK), WRITABLE);
    } catch (NoSuchFileException e) {
      return null; // Another worker has just cleared it away.
    }
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return file;
      }
    } catch (OverlappingFileLockException e) {
      // Held by another worker of this very process.
    }
    file.close();
    return null;
  }

  private void extractHarness() throws IOException {
    Path target = Files.createDirectories(library().resolve("athena_harness"));
    for (String file : HARNESS) {
      try (InputStream source = RunDirectory.class.getResourceAsStream("/athena_harness/" + file)) {
        if (source == null) {
          throw new IOException(
              "athena_harness/%s is missing from the worker's jar".formatted(file));
        }
        Files.copy(source, target.resolve(file));
      }
    }
    Files.write(library().resolve("slot.bpf"), SlotFilter.forThisMachine());
    makeReadable(library());
  }

  /** Lets containers' users read a folder of ours, whatever the umask of this process is. */
  static void makeReadable(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.filter(each -> !Files.isSymbolicLink(each)).toList()) {
        String permissions = Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--";
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
      }
    }
  }

  /**
   * Deletes a folder of ours, never through a mount: a container's root has the host's folders
   * mounted on it.
   */
  static void deleteTree(Path tree) throws IOException {
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    if (mounts.contains(" " + tree + "/")) {
      throw new IOException(
          "something is still mounted below %s, so it is left alone".formatted(tree));
    }
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static FileAttribute<?> traversable() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));
  }
}
