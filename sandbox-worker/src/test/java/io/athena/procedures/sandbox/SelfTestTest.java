package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * A worker says that it enforces what it has proved, and nothing runs that it could not keep in.
 */
final class SelfTestTest {
  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofSeconds(1), 1, 1 << 25, 1000, 8, 1 << 20, 1);

  @Test
  void everythingIsProvedBeforeTheFirstRunButCpuTimeWhichIsProvedBesideIt() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      sandbox.run("pass").result();

      assertThat(sandbox.load().getEnforcedMap().keySet())
          .containsAll(
              keys().stream().filter(key -> !key.equals(Guarantee.CPU_TIME.key())).toList());
      HostState.eventually(() ->
          assertThat(sandbox.load().getEnforcedMap().keySet())
              .containsExactlyInAnyOrderElementsOf(keys()));
      assertThat(sandbox.load().getEnforcedMap().values())
          .allSatisfy(how -> assertThat(how).isNotBlank());
    }
  }

  @Test
  void cpuTimeIsProvedInTheNextContainerIfTheFirstEndsBefore() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      sandbox.run("pass").result();
      HostState.killContainers(sandbox.config().runDirectory());

      HostState.eventually(
          () -> assertThat(sandbox.load().getEnforcedMap()).containsKey(Guarantee.CPU_TIME.key()));
      assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
    }
  }

  private static List<String> keys() {
    return Arrays.stream(Guarantee.values()).map(Guarantee::key).toList();
  }

  @Test
  void whatAnIsolatedProgramFindsIsAccepted() throws IOException {
    SelfTest.Proofs proofs = new SelfTest.Proofs();
    new SelfTestFacts(sound(), LIMITS, HostCgroups.detect()).judge(proofs);

    assertThat(proofs.orThrow())
        .containsKeys(
            Guarantee.PROCESSES,
            Guarantee.DISK,
            Guarantee.READ_ONLY_ROOT,
            Guarantee.NAMESPACES,
            Guarantee.NETWORK,
            Guarantee.PRIVILEGES,
            Guarantee.SYSTEM_CALLS);
  }

  @ParameterizedTest
  @MethodSource
  void whatAProgramMustNotFindIsNamed(Guarantee broken, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode found = sound();
    change.accept(found);
    SelfTest.Proofs proofs = new SelfTest.Proofs();
    new SelfTestFacts(found, LIMITS, HostCgroups.detect()).judge(proofs);

    assertThatThrownBy(proofs::orThrow)
        .hasMessageContaining("nothing is run: ")
        .hasMessageContaining(broken.key() + " (");
  }

  static Stream<Arguments> whatAProgramMustNotFindIsNamed() {
    return Stream.of(
        broken(Guarantee.PROCESSES, found -> found.put("processes", 9)),
        broken(Guarantee.PROCESSES, found -> found.remove("processes")),
        broken(Guarantee.DISK, found -> found.putObject("disk").put("/tmp", 1).put("/w", 2 << 20)),
        broken(Guarantee.DISK, found -> found.remove("disk")),
        broken(Guarantee.READ_ONLY_ROOT, found -> found.putArray("writable").add("/usr")),
        broken(Guarantee.READ_ONLY_ROOT, found -> found.remove("writable")),
        broken(Guarantee.NAMESPACES, found -> found.withObject("namespaces").remove("ipc")),
        broken(
            Guarantee.NAMESPACES, found -> found.withObject("namespaces").put("mnt", own("mnt"))),
        broken(Guarantee.NETWORK, found -> found.withObject("namespaces").put("net", own("net"))),
        broken(Guarantee.NETWORK, found -> found.put("socket", "allowed")),
        broken(Guarantee.PRIVILEGES, found -> found.withObject("status").put("NoNewPrivs", "0")),
        broken(
            Guarantee.PRIVILEGES,
            found -> found.withObject("status").put("CapBnd", "0000000000000001")),
        broken(Guarantee.PRIVILEGES, found -> found.withObject("status").put("Uid", "0")),
        broken(
            Guarantee.PRIVILEGES, found -> found.putArray("user_map").add("0").add("0").add("1")),
        broken(Guarantee.SYSTEM_CALLS, found -> found.withObject("status").put("Seccomp", "0")),
        broken(Guarantee.SYSTEM_CALLS, found -> found.put("flock", "allowed")),
        broken(Guarantee.SYSTEM_CALLS, found -> found.put("mount", "allowed")));
  }

  private static Arguments broken(Guarantee guarantee, Consumer<ObjectNode> change) {
    return arguments(guarantee, change);
  }

  private static ObjectNode sound() {
    ObjectNode found = Json.object();
    ObjectNode status = found.putObject("status");
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
      status.put(set, "0000000000000000");
    }
    status
        .put("NoNewPrivs", "1")
        .put("Seccomp", "2")
        .put("Seccomp_filters", "2")
        .put("Uid", "1000");
    found.putArray("user_map").add("0").add("1879048192").add("65536");
    ObjectNode namespaces = found.putObject("namespaces");
    for (String name : List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")) {
      namespaces.put(name, name + ":[1]");
    }
    found.putArray("writable");
    found.put("socket", "EAFNOSUPPORT").put("mount", "EPERM").put("unshare", "EPERM");
    found.put("flock", "ENOSYS").put("processes", 8);
    found.putObject("disk").put("/tmp", 1 << 20).put("/workspace", 1 << 20);
    return found;
  }

  private static String own(String namespace) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns", namespace)).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
