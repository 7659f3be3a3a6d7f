package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Control groups v2.
 *
 * @param own the worker's own group
 * @param mount where the hierarchy is mounted
 */
record HostCgroupsV2(Path own, Path mount) implements HostCgroups {
  private static final String ENABLE = "+memory +pids +cpu";

  @Override
  public String version() {
    return "cgroup v2";
  }

  @Override
  public Map<String, Path> delegate(String name, int uid) throws IOException {
    Path parent = parent();
    enableControllers(parent);
    Path group = parent.resolve(name);
    Files.createDirectories(group);
    // What delegation means, by cgroups(7): the folder and these files; the group's own limits stay
    // root's.
    for (Path path :
        List.of(
            group,
            group.resolve("cgroup.procs"),
            group.resolve("cgroup.threads"),
            group.resolve("cgroup.subtree_control"))) {
      Files.setAttribute(path, "unix:uid", uid);
      Files.setAttribute(path, "unix:gid", uid);
    }
    return Map.of("unified", group);
  }

  @Override
  public String runtimePath(String name) {
    return "/" + mount.relativize(parent().resolve(name));
  }

  @Override
  public List<Long> slotWeights(String name) throws IOException {
    return HostCgroups.numbers(parent().resolve(name), "cpu.weight");
  }

  @Override
  public long cpuShares() {
    return 0;
  }

  @Override
  public List<Path> parents() {
    return List.of(parent());
  }

  /**
   * A group that holds processes cannot have children with controllers, and the worker's own group
   * holds the worker. So containers go beside it; or, where nothing is beside it because it is the
   * root that this worker sees, below it.
   */
  private Path parent() {
    Path beside = own.getParent();
    return own.equals(mount) || beside == null ? mount : beside;
  }

  private void enableControllers(Path parent) throws IOException {
    Path control = parent.resolve("cgroup.subtree_control");
    if (List.of(Files.readString(control).strip().split(" ", -1)).containsAll(NEEDED)) {
      return;
    }
    try {
      Files.writeString(control, ENABLE);
    } catch (IOException busy) {
      if (!parent.equals(own)) {
        throw busy;
      }
      // The root of a container's cgroup namespace: its processes must make room first.
      Path leaf = Files.createDirectories(own.resolve("athena-worker"));
      for (String process : Files.readAllLines(own.resolve("cgroup.procs"))) {
        Files.writeString(leaf.resolve("cgroup.procs"), process);
      }
      Files.writeString(control, ENABLE);
    }
  }
}
