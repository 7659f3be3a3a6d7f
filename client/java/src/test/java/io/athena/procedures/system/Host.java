package io.athena.procedures.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the kernel knows of a server and of what it made. */
record Host(long serverPid) {
  private static final long LONGEST_NANOS = 30_000_000_000L;
  private static final long BETWEEN_LOOKS_NANOS = 10_000_000L;

  /** Processes that descend from the server, containers and database included. */
  long processes() {
    return ProcessHandle.of(serverPid).orElseThrow().descendants().count();
  }

  /** The server's threads. */
  long threads() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + serverPid + "/status")).stream()
        .filter(line -> line.startsWith("Threads:"))
        .mapToLong(line -> Long.parseLong(line.substring("Threads:".length()).strip()))
        .findFirst()
        .orElseThrow();
  }

  /** The server's open files and sockets. */
  long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + serverPid + "/fd"))) {
      return open.count();
    }
  }

  /** Bytes of live objects in the server's heap, after a full collection. */
  long heap() throws IOException, InterruptedException {
    ask("GC.run");
    String histogram = ask("GC.class_histogram");
    String total =
        histogram.lines().filter(line -> line.startsWith("Total")).findFirst().orElseThrow();
    return Long.parseLong(total.strip().split("\\s+", -1)[2]);
  }

  private String ask(String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(List.of(jcmd.toString(), Long.toString(serverPid), command))
            .redirectErrorStream(true)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + command + ": " + answer);
    }
    return answer;
  }

  /** Mounts in the server's own mount namespace. */
  long mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + serverPid + "/mountinfo")).size();
  }

  /** Processes on the whole host that live in a container of this run directory. */
  static long sandboxedProcesses(Path runDirectory) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .filter(process -> mountsFrom(process, runDirectory))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files, folders and sockets below a folder. What goes away during the count is not counted. */
  static long files(Path folder) throws IOException {
    long[] count = {0};
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            count[0]++;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            count[0]++;
            return FileVisitResult.CONTINUE;
          }
        });
    return count[0];
  }

  /** Control groups of a run directory's containers, in all hierarchies. */
  static long sandboxGroups(Path runDirectory) throws IOException {
    Set<String> workers = new HashSet<>();
    try (Stream<Path> folders = Files.list(runDirectory)) {
      folders.forEach(folder -> workers.add("athena-" + folder.getFileName() + "-"));
    }
    long[] count = {0};
    Files.walkFileTree(
        Path.of("/sys/fs/cgroup"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes) {
            if (workers.stream().anyMatch(group.toString()::contains)) {
              count[0]++;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path group, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return count[0];
  }

  private static boolean mountsFrom(Path process, Path runDirectory) {
    try {
      // A container's mount namespace shows which run directory its parts come from; the host's
      // does not.
      return Files.readString(process.resolve("mountinfo")).contains(runDirectory + "/");
    } catch (IOException | UncheckedIOException e) {
      return false; // It has ended meanwhile.
    }
  }

  /** Waits, for at most half a minute, until something holds. */
  static boolean eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONGEST_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      // The kernel tells nobody that a container is gone: all one can do is look again.
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }
    return true;
  }
}
