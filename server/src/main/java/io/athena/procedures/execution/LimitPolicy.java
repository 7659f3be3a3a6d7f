package io.athena.procedures.execution;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.ExecutionLimits;

/** Fills in and checks the limits of a run. */
record LimitPolicy(ExecutionLimits defaults, ExecutionLimits maxima) {
  private static final long SMALLEST_MEMORY = 32L * 1024 * 1024;

  /** Limits that an earlier version of this server settled, with those that it did not know. */
  ExecutionLimits completed(ExecutionLimits settled) {
    return settled.getArtifactBytes() > 0
        ? settled
        : settled.toBuilder().setArtifactBytes(defaults.getArtifactBytes()).build();
  }

  /** The limits in force for a run that asks for {@code asked}; notes what breaks a rule. */
  ExecutionLimits apply(ExecutionLimits asked, Violations violations) {
    Duration wallTime =
        time(
            "wall_time",
            asked.getWallTime(),
            defaults.getWallTime(),
            maxima.getWallTime(),
            violations);
    Duration cpuTime =
        time(
            "cpu_time",
            asked.getCpuTime(),
            Durations.isPositive(defaults.getCpuTime()) ? defaults.getCpuTime() : wallTime,
            maxima.getCpuTime(),
            violations);
    long memory =
        amount(
            "memory_bytes",
            asked.getMemoryBytes(),
            defaults.getMemoryBytes(),
            SMALLEST_MEMORY,
            maxima.getMemoryBytes(),
            violations);
    long disk =
        amount(
            "disk_bytes",
            asked.getDiskBytes(),
            Math.min(defaults.getDiskBytes(), memory),
            1,
            Math.min(maxima.getDiskBytes(), memory),
            violations);
    return ExecutionLimits.newBuilder()
        .setWallTime(wallTime)
        .setCpuTime(cpuTime)
        .setMemoryBytes(memory)
        .setOutputBytes(
            amount(
                "output_bytes",
                asked.getOutputBytes(),
                defaults.getOutputBytes(),
                1,
                maxima.getOutputBytes(),
                violations))
        .setProcesses(
            (int)
                amount(
                    "processes",
                    asked.getProcesses(),
                    defaults.getProcesses(),
                    1,
                    maxima.getProcesses(),
                    violations))
        .setDiskBytes(disk)
        .setArtifactBytes(
            amount(
                "artifact_bytes",
                asked.getArtifactBytes(),
                defaults.getArtifactBytes(),
                1,
                maxima.getArtifactBytes(),
                violations))
        .build();
  }

  private static Duration time(
      String name, Duration asked, Duration standard, Duration maximum, Violations violations) {
    if (asked.equals(Duration.getDefaultInstance())) {
      return standard;
    }
    boolean holds =
        Durations.isValid(asked)
            && Durations.isPositive(asked)
            && Durations.compare(asked, maximum) <= 0;
    violations.check(
        holds,
        "limits." + name,
        "must be above 0 s and at most "
            + Durations.toSeconds(maximum)
            + " s; unset or 0 means the default");
    return holds ? asked : standard;
  }

  private static long amount(
      String name, long asked, long standard, long least, long most, Violations violations) {
    if (asked == 0) {
      return standard;
    }
    boolean holds = asked >= least && asked <= most;
    violations.check(
        holds,
        "limits." + name,
        "is "
            + asked
            + "; must be from "
            + least
            + " to "
            + most
            + ("disk_bytes".equals(name) ? " and no more than memory_bytes" : "")
            + "; unset or 0 means the default of "
            + standard);
    return holds ? asked : standard;
  }
}
