package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Control groups v1, and hybrid hosts.
 *
 * @param groups the worker's own group in the hierarchies of the needed controllers
 * @param parents the worker's own group in all hierarchies
 */
record HostCgroupsV1(Map<String, Path> groups, List<Path> parents) implements HostCgroups {
  private static final long SHARES_OF_A_PROCESS = 1024;

  @Override
  public String version() {
    return "cgroup v1";
  }

  @Override
  public Map<String, Path> delegate(String name, int uid) throws IOException {
    Map<String, Path> mounts = new LinkedHashMap<>();
    for (Map.Entry<String, Path> own : groups.entrySet()) {
      Path group = own.getValue().resolve(name);
      Files.createDirectories(group);
      // Only the folder: its owner may divide the group, not change the group's own limits.
      Files.setAttribute(group, "unix:uid", uid);
      Files.setAttribute(group, "unix:gid", uid);
      mounts.put(own.getKey(), group);
    }
    return mounts;
  }

  @Override
  public String runtimePath(String name) {
    // Relative: runc puts it below the caller's own group in each hierarchy.
    return name;
  }

  @Override
  public List<Long> slotWeights(String name) throws IOException {
    Path own = groups.get("cpu");
    return own == null ? List.of() : HostCgroups.numbers(own.resolve(name), "cpu.shares");
  }

  @Override
  public long cpuShares() {
    // In v1 a group competes with single processes of its parent: by default all programs together
    // would get as
    // little as one busy process. Measured: a twentieth of the throughput on a busy two-processor
    // machine.
    return SHARES_OF_A_PROCESS * Runtime.getRuntime().availableProcessors();
  }
}
