package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * What the self-test's program found, judged.
 *
 * @param found as {@code self-test.py} returns it
 * @param limits under which it ran
 */
record SelfTestFacts(JsonNode found, RunLimits limits, HostCgroups cgroups) {
  private static final String NONE = "0000000000000000";
  private static final Set<String> NAMESPACES =
      Set.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");

  void judge(SelfTest.Proofs proofs) throws IOException {
    long processes = found.path("processes").asLong(Long.MAX_VALUE);
    proofs.add(
        Guarantee.PROCESSES,
        processes <= limits.processes(),
        cgroups.version() + ", RLIMIT_NPROC",
        "%d processes started at a limit of %d".formatted(processes, limits.processes()));
    judgeDisk(proofs);
    List<String> writable =
        found.path("writable").valueStream().map(place -> place.asString("")).toList();
    proofs.add(
        Guarantee.READ_ONLY_ROOT,
        found.path("writable").isArray() && writable.isEmpty(),
        "all mounts but the workspace and /tmp are read-only",
        "these can be written: " + writable);
    Set<String> shared = sharedNamespaces();
    proofs.add(
        Guarantee.NAMESPACES,
        shared.isEmpty(),
        "own " + String.join(", ", new TreeSet<>(NAMESPACES)),
        "shared with the worker: " + shared);
    proofs.add(
        Guarantee.NETWORK,
        !shared.contains("net") && text("socket").equals("EAFNOSUPPORT"),
        "network namespace of the slot without a device that is up, seccomp",
        "a socket of the internet: " + text("socket"));
    judgePrivileges(proofs);
    JsonNode status = found.path("status");
    proofs.add(
        Guarantee.SYSTEM_CALLS,
        status.path("Seccomp").asString("").equals("2")
            && text("flock").equals("ENOSYS")
            && text("mount").equals("EPERM")
            && text("unshare").equals("EPERM"),
        "seccomp, %s filters".formatted(status.path("Seccomp_filters").asString("two")),
        "seccomp mode %s; mount: %s, unshare: %s, flock: %s"
            .formatted(
                status.path("Seccomp").asString("none"),
                text("mount"),
                text("unshare"),
                text("flock")));
  }

  private void judgeDisk(SelfTest.Proofs proofs) {
    boolean holds = found.path("disk").size() == 2;
    for (JsonNode written : found.path("disk")) {
      holds &= written.asLong(Long.MAX_VALUE) <= limits.diskBytes();
    }
    proofs.add(
        Guarantee.DISK,
        holds,
        "size and files of the slot's own tmpfs",
        "bytes written at a limit of %d: %s".formatted(limits.diskBytes(), found.path("disk")));
  }

  private void judgePrivileges(SelfTest.Proofs proofs) {
    JsonNode status = found.path("status");
    boolean holds = status.path("NoNewPrivs").asString("").equals("1");
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
      holds &= status.path(set).asString("").equals(NONE);
    }
    holds &= !status.path("Uid").asString("0").equals("0");
    // Its three numbers: first user inside, that user outside, how many.
    holds &= !found.path("user_map").path(1).asString("0").equals("0");
    proofs.add(
        Guarantee.PRIVILEGES,
        holds,
        "user namespace, a user of its own for each slot, no capabilities, no_new_privs",
        "%s, users %s".formatted(status, found.path("user_map")));
  }

  private Set<String> sharedNamespaces() throws IOException {
    Set<String> shared = new TreeSet<>();
    Map<String, JsonNode> theirs =
        found
            .path("namespaces")
            .propertyStream()
            .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    for (String name : NAMESPACES) {
      Path own = Path.of("/proc/self/ns", name);
      JsonNode its = theirs.get(name);
      if (its == null || its.asString("").equals(Files.readSymbolicLink(own).toString())) {
        shared.add(name);
      }
    }
    return shared;
  }

  private String text(String field) {
    return found.path(field).asString("not told");
  }
}
