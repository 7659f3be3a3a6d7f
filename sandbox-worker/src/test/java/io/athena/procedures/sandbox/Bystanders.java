package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who must not notice a hostile program: a run beside it, the runs after it, the pool, and the
 * host.
 */
final class Bystanders implements Closeable {
  private static final long UIDS_OF_A_CONTAINER = 65536;

  private static final String NEIGHBOUR =
      """
      import sys
      def main():
          seen = []
          print('up', flush=True)
          for line in sys.stdin:
              seen.append(int(line))
              print(f'{sum(seen)};', flush=True)
          return len(seen)
      """;

  private final TestSandbox sandbox;
  private final TestRun neighbour;
  private final long firstUid;
  private final Host before;
  private final long clockBefore = clockMillis();
  private int told;

  /**
   * What a program that got out could change.
   *
   * @param names host and domain name
   * @param kernel settings of the kernel
   * @param mounts mounts on the host below the run directory
   * @param objects System V objects and keys that belong to users of the container
   * @param modules modules of protocols that only a socket of their family loads
   */
  private record Host(
      List<String> names,
      List<String> kernel,
      List<String> mounts,
      List<String> objects,
      List<String> modules) {}

  Bystanders(TestSandbox sandbox) {
    this.sandbox = sandbox;
    neighbour = sandbox.program(NEIGHBOUR).wallTime(RunLimits.LARGEST.wallTime()).open();
    neighbour.awaitOutput("up");
    firstUid = firstUid();
    before = host();
  }

  /** Asserts that none of them is any different after a hostile program has ended. */
  void noticedNothing() {
    told++;
    neighbour.stdin(told + "\n");
    neighbour.awaitOutput("\n" + told * (told + 1) / 2 + ";");
    assertThat(sandbox.run("def main(): return 'well'").result().getStringValue())
        .as("a later run")
        .isEqualTo("well");
    assertThat(sandbox.worker().containersStarted()).as("containers so far").isEqualTo(1);
    HostState.eventually(() -> assertThat(programsLeft()).as("processes left").isEmpty());
    assertThat(host()).isEqualTo(before);
    assertThat(clockMillis()).as("the clock").isCloseTo(clockBefore, within(60_000L));
  }

  @Override
  public void close() {
    neighbour.closeStdin();
    assertThat(neighbour.finish().result().getNumberValue()).isEqualTo(told);
  }

  private Host host() {
    return new Host(
        Stream.of("hostname", "domainname").flatMap(name -> kernel(name).stream()).toList(),
        Stream.of("core_pattern", "modprobe", "sysrq", "randomize_va_space")
            .flatMap(name -> kernel(name).stream())
            .toList(),
        lines("/proc/self/mountinfo").stream()
            .filter(line -> line.contains(sandbox.config().runDirectory() + "/"))
            .toList(),
        Stream.of("sysvipc/msg", "sysvipc/sem", "sysvipc/shm", "key-users")
            .flatMap(name -> lines("/proc/" + name).stream())
            .filter(this::isOfTheContainer)
            .toList(),
        lines("/proc/modules").stream()
            .filter(line -> line.matches("(tipc|sctp|dccp|rds|can|af_key|llc2|vsock|kcm|smc)\\b.*"))
            .toList());
  }

  /** Wall clock by a clock that cannot be set. */
  private static long clockMillis() {
    return System.currentTimeMillis() - System.nanoTime() / 1_000_000;
  }

  private boolean isOfTheContainer(String line) {
    return Stream.of(line.strip().split("[\\s:]+"))
        .filter(field -> field.matches("\\d{10}"))
        .mapToLong(Long::parseLong)
        .anyMatch(uid -> uid >= firstUid && uid < firstUid + UIDS_OF_A_CONTAINER);
  }

  /** The host's user that is root in the container, to whom its folder of sockets belongs. */
  private long firstUid() {
    Path sockets = sandbox.config().runDirectory().resolve(sandbox.worker().id()).resolve("c1/run");
    try {
      return Integer.toUnsignedLong((int) Files.getAttribute(sockets, "unix:uid"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> programsLeft() {
    return ProcessHandle.allProcesses()
        .map(process -> Path.of("/proc", Long.toString(process.pid()), "comm").toString())
        .filter(file -> lines(file).contains(HostileTools.PROCESS_NAME))
        .toList();
  }

  private static List<String> kernel(String name) {
    return lines("/proc/sys/kernel/" + name);
  }

  private static List<String> lines(String file) {
    try {
      return Files.exists(Path.of(file)) ? Files.readAllLines(Path.of(file)) : List.of();
    } catch (IOException e) {
      if (!Files.exists(Path.of(file))) {
        return List.of(); // A process that has ended meanwhile.
      }
      throw new UncheckedIOException(e);
    }
  }
}
