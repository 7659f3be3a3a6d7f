package io.athena.procedures.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The container's {@code config.json}, by the OCI runtime specification 1.0. */
final class OciConfig {
  private static final List<String> NAMESPACES =
      List.of("user", "pid", "mount", "network", "ipc", "uts", "cgroup");

  /**
   * What the fork server needs inside its own user namespace: to make namespaces and mounts, to
   * become the slots' users, to take capabilities away, to end programs of other users, and (once)
   * to forbid further user namespaces.
   */
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_SYS_ADMIN",
          "CAP_SETUID",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_KILL",
          "CAP_SYS_RESOURCE");

  /**
   * Of each process in the container; a slot's processes are limited when it is made, a program's
   * CPU time when it starts. At a limit of 1 for core dumps (not at 0) the kernel also refrains
   * from starting the host's handler of them, as root, for a program that crashes.
   */
  private static final Map<String, Long> RESOURCE_LIMITS =
      Map.of(
          "RLIMIT_CORE", 1L,
          "RLIMIT_NOFILE", 1024L,
          "RLIMIT_MEMLOCK", 65536L,
          "RLIMIT_MSGQUEUE", 0L,
          "RLIMIT_RTPRIO", 0L,
          "RLIMIT_NICE", 0L,
          "RLIMIT_SIGPENDING", 1024L);

  private OciConfig() {}

  /**
   * Where the container's parts lie on the host.
   *
   * @param library the harness
   * @param socketDirectory where the fork server listens
   * @param cgroups delegated control groups, by their name in the container
   * @param cpuShares the container's weight by cgroup v1, or 0 to leave it as it is
   * @param firstUid the host's user that is root in the container; the container has this and the
   *     next 65,535
   * @param command the first process's program and its arguments
   */
  record Parts(
      List<RootFilesystem.ReadOnlyMount> root,
      Path library,
      Path socketDirectory,
      Map<String, Path> cgroups,
      String cgroupsPath,
      long cpuShares,
      int firstUid,
      List<String> command) {}

  static byte[] write(Parts parts) throws IOException {
    ObjectNode config = Json.object();
    config.put("ociVersion", "1.0.2");
    config.put("hostname", "sandbox");
    config.putObject("root").put("path", "rootfs").put("readonly", true);
    config.set("process", process(parts));
    config.set("mounts", mounts(parts));
    config.set("linux", linux(parts));
    return Json.bytes(config);
  }

  private static ObjectNode process(Parts parts) {
    ObjectNode process = Json.object();
    process.put("terminal", false).put("cwd", "/").put("noNewPrivileges", true);
    // If the whole host runs out of memory, programs go before the worker and the database.
    process.put("oomScoreAdj", 800);
    process.putObject("user").put("uid", 0).put("gid", 0);
    strings(process.putArray("args"), parts.command);
    strings(
        process.putArray("env"),
        List.of(
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/workspace", "LANG=C.UTF-8", "TMPDIR=/tmp"));
    ObjectNode capabilities = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "permitted")) {
      strings(capabilities.putArray(set), CAPABILITIES);
    }
    ArrayNode limits = process.putArray("rlimits");
    RESOURCE_LIMITS.forEach((name, value) ->
        limits.addObject().put("type", name).put("hard", value).put("soft", value));
    return process;
  }

  private static ArrayNode mounts(Parts parts) {
    ArrayNode mounts = Json.object().putArray("mounts");
    mount(mounts, "proc", "/proc", "proc", List.of("nosuid", "nodev", "noexec"));
    mount(mounts, "tmpfs", "/dev", "tmpfs", List.of("nosuid", "noexec", "mode=755", "size=64k"));
    for (RootFilesystem.ReadOnlyMount part : parts.root) {
      mount(
          mounts,
          "bind",
          part.target(),
          part.source().toString(),
          List.of("rbind", "ro", "nosuid", "nodev", "rro", "rnosuid", "rnodev"));
    }
    List<String> ours = List.of("nosuid", "nodev", "noexec", "mode=755", "size=64k");
    mount(mounts, "tmpfs", "/athena", "tmpfs", ours);
    mount(
        mounts,
        "bind",
        "/athena/lib",
        parts.library.toString(),
        List.of("bind", "ro", "nosuid", "nodev", "noexec"));
    List<String> writable = List.of("bind", "rw", "nosuid", "nodev", "noexec");
    mount(mounts, "bind", "/athena/run", parts.socketDirectory.toString(), writable);
    parts.cgroups.forEach(
        (name, path) -> mount(mounts, "bind", "/athena/cgroup/" + name, path.toString(), writable));
    return mounts;
  }

  private static ObjectNode linux(Parts parts) throws IOException {
    ObjectNode linux = Json.object();
    linux.put("cgroupsPath", parts.cgroupsPath);
    linux.put("rootfsPropagation", "private");
    for (String ids : List.of("uidMappings", "gidMappings")) {
      linux
          .putArray(ids)
          .addObject()
          .put("containerID", 0)
          .put("hostID", parts.firstUid)
          .put("size", 65536);
    }
    ArrayNode namespaces = linux.putArray("namespaces");
    NAMESPACES.forEach(type -> namespaces.addObject().put("type", type));
    // The kernel mounts a new /proc for a slot only if the container's own is fully visible.
    // Programs see neither:
    // a slot's /proc shows nothing but its own processes.
    linux.putArray("maskedPaths");
    linux.putArray("readonlyPaths");
    if (parts.cpuShares > 0) {
      linux.putObject("resources").putObject("cpu").put("shares", parts.cpuShares);
    }
    linux.set("seccomp", seccomp());
    return linux;
  }

  private static JsonNode seccomp() throws IOException {
    try (InputStream profile = OciConfig.class.getResourceAsStream("seccomp.json")) {
      if (profile == null) {
        throw new IOException("seccomp.json is missing from the worker's jar");
      }
      return JsonMapper.shared().readTree(profile);
    }
  }

  private static void mount(
      ArrayNode mounts, String type, String target, String source, List<String> options) {
    ObjectNode mount = mounts.addObject();
    mount.put("type", type).put("destination", target).put("source", source);
    strings(mount.putArray("options"), options);
  }

  private static void strings(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
