package io.athena.procedures.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What one worker has on this host; other workers' things do not count.
 *
 * @param processes processes in its control groups, and its OCI runtimes
 * @param mounts mounts below its run directory
 * @param cgroups its control groups
 * @param files what lies in its folder of the run directory
 */
record HostState(
    List<String> processes, List<String> mounts, List<String> cgroups, List<String> files) {
  static final HostState NOTHING = new HostState(List.of(), List.of(), List.of(), List.of());

  static HostState of(Path runDirectory, String workerId) {
    Path folder = runDirectory.resolve(workerId);
    return new HostState(
        processes(folder.toString(), "athena-" + workerId + "-"),
        lines(Path.of("/proc/self/mountinfo")).stream()
            .filter(line -> line.contains(runDirectory + "/"))
            .toList(),
        paths(Path.of("/sys/fs/cgroup"), 6)
            .filter(path -> path.contains("/athena-" + workerId + "-"))
            .toList(),
        Files.exists(folder) ? paths(folder, 1).toList() : List.of());
  }

  static int openDescriptors() {
    return (int) paths(Path.of("/proc/self/fd"), 1).count();
  }

  static long workerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("sandbox-"))
        .count();
  }

  /** Repeats a check until it passes; fails with its last error after 20 seconds. */
  static void eventually(Runnable check) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  /**
   * Kills the first processes of a worker's containers, as the kernel does when the host runs out
   * of memory.
   */
  static void killContainers(Path runDirectory) {
    for (String file : paths(runDirectory, 3).filter(path -> path.endsWith("/pid")).toList()) {
      long pid = Long.parseLong(lines(Path.of(file)).getFirst());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Process numbers of the OCI runtimes that watch the containers below a run directory. */
  static List<Long> runtimes(Path runDirectory) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid ->
            read(Path.of("/proc", Long.toString(pid), "cmdline"))
                .contains("--root\0" + runDirectory))
        .toList();
  }

  private static List<String> processes(String folder, String group) {
    return ProcessHandle.allProcesses()
        .map(process -> Path.of("/proc", Long.toString(process.pid())))
        .filter(process ->
            read(process.resolve("cgroup")).contains(group)
                || read(process.resolve("cmdline")).contains(folder))
        .map(process -> process + " " + read(process.resolve("cmdline")).replace('\0', ' '))
        .toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // The process has ended meanwhile.
    }
  }

  private static List<String> lines(Path file) {
    return read(file).lines().toList();
  }

  private static Stream<String> paths(Path folder, int depth) {
    try (Stream<Path> found = Files.walk(folder, depth)) {
      return found.map(Path::toString).toList().stream();
    } catch (UncheckedIOException e) {
      return paths(folder, depth); // Something vanished while it was listed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
