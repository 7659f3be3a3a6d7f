package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's control groups: each container gets a group below the worker's own, which the
 * container's fork server then divides among its slots.
 */
sealed interface HostCgroups permits HostCgroupsV1, HostCgroupsV2 {
  Logger log = LoggerFactory.getLogger(HostCgroups.class);

  /** Controllers without which nothing runs. */
  List<String> NEEDED = List.of("memory", "pids", "cpu");

  /** {@code "cgroup v1"} or {@code "cgroup v2"}. */
  String version();

  /**
   * Makes a container's group and gives it to a user.
   *
   * @return what to mount into the container: folder name there, to folder on the host
   */
  Map<String, Path> delegate(String name, int uid) throws IOException;

  /** What the OCI runtime is told as {@code cgroupsPath}. */
  String runtimePath(String name);

  /** A container's weight for CPU time in v1's unit, or 0 for the hierarchy's default. */
  long cpuShares();

  /** The weights for CPU time of the slots there are in a container, by the name it was given. */
  List<Long> slotWeights(String name) throws IOException;

  /** Folders on the host below which containers' groups lie. */
  List<Path> parents();

  /**
   * Finds what this host has. Hybrid hosts count as v1: there the controllers are.
   *
   * @throws IOException if a needed controller is missing; the message names it
   */
  static HostCgroups detect() throws IOException {
    Map<String, String> own = ownPaths(Files.readString(Path.of("/proc/self/cgroup")));
    Map<String, MountPoint> mounts = mounts(Files.readString(Path.of("/proc/self/mountinfo")));
    MountPoint unified = mounts.get("");
    if (unified != null) {
      Path group = unified.locate(own.getOrDefault("", "/"));
      String controllers = Files.readString(group.resolve("cgroup.controllers"));
      if (List.of(controllers.strip().split(" ", -1)).containsAll(NEEDED)) {
        return new HostCgroupsV2(group, unified.directory());
      }
    }
    Map<String, Path> groups = new HashMap<>();
    for (String controller : NEEDED) {
      MountPoint mount = mounts.get(controller);
      if (mount == null) {
        throw new IOException(
            "the cgroup controller '%s' is mounted neither as v1 nor as v2".formatted(controller));
      }
      groups.put(controller, mount.locate(own.getOrDefault(controller, "/")));
    }
    List<Path> all =
        mounts.entrySet().stream()
            .map(mount -> mount.getValue().locate(own.getOrDefault(mount.getKey(), "/")))
            .toList();
    return new HostCgroupsV1(groups, all);
  }

  /** What a file holds in each slot's group below a container's. */
  static List<Long> numbers(Path container, String file) throws IOException {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> slots = Files.newDirectoryStream(container, "slot-*")) {
      for (Path slot : slots) {
        try {
          numbers.add(Long.parseLong(Files.readString(slot.resolve(file)).strip()));
        } catch (IOException e) {
          // A slot that ends while it is looked at, by NoSuchFileException or "no such device". If
          // it were more than that, no slot could be read, and the caller takes that for a failure.
          log.debug("no weight of {}: {}", slot, e.toString());
        }
      }
    }
    return numbers;
  }

  /** Where a hierarchy is mounted, and which of its groups is the root of that mount. */
  record MountPoint(String root, Path directory) {
    Path locate(String group) {
      // In a container without a cgroup namespace the group's path is the host's, the mount begins
      // further down.
      String below = group.startsWith(root) ? group.substring(root.length()) : group;
      String relative = below.replaceFirst("^/+", "");
      Path path = directory.resolve(relative);
      return Files.isDirectory(path) ? path : directory;
    }
  }

  private static Map<String, String> ownPaths(String text) {
    Map<String, String> paths = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] parts = line.split(":", 3);
      for (String controller : parts[1].split(",", -1)) {
        paths.put(controller, parts[2]);
      }
    }
    return paths;
  }

  private static Map<String, MountPoint> mounts(String text) {
    Map<String, MountPoint> mounts = new HashMap<>();
    for (String line : text.lines().toList()) {
      int separator = line.indexOf(" - ");
      String[] left = line.substring(0, separator).split(" ", -1);
      String[] right = line.substring(separator + 3).split(" ", -1);
      MountPoint mount = new MountPoint(left[3], Path.of(left[4]));
      if (right[0].equals("cgroup2")) {
        mounts.putIfAbsent("", mount);
      } else if (right[0].equals("cgroup")) {
        for (String option : right[2].split(",", -1)) {
          mounts.putIfAbsent(option, mount);
        }
      }
    }
    mounts.keySet().removeAll(List.of("rw", "ro", "xattr", "clone_children", "noprefix"));
    return mounts;
  }
}
