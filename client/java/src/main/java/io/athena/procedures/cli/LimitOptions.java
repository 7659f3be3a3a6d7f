package io.athena.procedures.cli;

import io.athena.procedures.v1.ExecutionLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The limits of a run, as options. What is not given is left to the service. */
final class LimitOptions {
  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Units.Time.class,
      description = "Wall-clock time, such as 500ms, 10s or 5m.")
  private @Nullable Duration timeout;

  @Option(
      names = "--cpu-time",
      paramLabel = "TIME",
      converter = Units.Time.class,
      description = "CPU time of each of its processes.")
  private @Nullable Duration cpuTime;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Units.Size.class,
      description = "Memory of all its processes together, such as 512M.")
  private long memory;

  @Option(
      names = "--max-output",
      paramLabel = "SIZE",
      converter = Units.Size.class,
      description = "Bytes on standard output and standard error together.")
  private long output;

  @Option(
      names = "--processes",
      paramLabel = "N",
      description = "Processes and threads alive at one time.")
  private int processes;

  @Option(
      names = "--disk",
      paramLabel = "SIZE",
      converter = Units.Size.class,
      description = "Bytes in its workspace, and in /tmp.")
  private long disk;

  @Option(
      names = "--artifacts",
      paramLabel = "SIZE",
      converter = Units.Size.class,
      description = "Bytes of all artifacts it leaves.")
  private long artifacts;

  ExecutionLimits limits() {
    ExecutionLimits.Builder limits =
        ExecutionLimits.newBuilder()
            .setMemoryBytes(memory)
            .setOutputBytes(output)
            .setProcesses(processes)
            .setDiskBytes(disk)
            .setArtifactBytes(artifacts);
    if (timeout != null) {
      limits.setWallTime(duration(timeout));
    }
    if (cpuTime != null) {
      limits.setCpuTime(duration(cpuTime));
    }
    return limits.build();
  }

  private static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
