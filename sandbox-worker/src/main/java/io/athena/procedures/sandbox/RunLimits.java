package io.athena.procedures.sandbox;

import io.athena.procedures.v1.ExecutionLimits;
import java.time.Duration;

/**
 * Limits of one run.
 *
 * @param wallTime from the start of the program to its end
 * @param cpuSeconds CPU time of each process
 * @param memoryBytes memory of all processes together, workspace and /tmp included
 * @param outputBytes bytes of standard output, standard error, progress and log entries together
 * @param processes processes and threads at a time
 * @param diskBytes bytes in the workspace and in /tmp, each
 * @param artifactBytes bytes of all artifacts together
 */
public record RunLimits(
    Duration wallTime,
    long cpuSeconds,
    long memoryBytes,
    long outputBytes,
    int processes,
    long diskBytes,
    long artifactBytes) {
  private static final long MEBIBYTE = 1024 * 1024;

  /** Less memory than this is not enough for the interpreter. */
  public static final long LEAST_MEMORY_BYTES = 32 * MEBIBYTE;

  /** What a run gets that asks for nothing. */
  public static final RunLimits USUAL =
      new RunLimits(
          Duration.ofSeconds(30),
          30,
          256 * MEBIBYTE,
          16 * MEBIBYTE,
          64,
          64 * MEBIBYTE,
          64 * MEBIBYTE);

  /** The most a run can ask for on a worker without configuration. */
  public static final RunLimits LARGEST =
      new RunLimits(
          Duration.ofHours(1),
          3600,
          2048 * MEBIBYTE,
          2048 * MEBIBYTE,
          512,
          1024 * MEBIBYTE,
          1024 * MEBIBYTE);

  /**
   * Reads limits from a request.
   *
   * @throws InvalidRunException if a field is unset, not positive, or above {@code maximum}
   */
  static RunLimits from(ExecutionLimits limits, RunLimits maximum) throws InvalidRunException {
    long wallNanos = nanos(limits.getWallTime());
    long cpuNanos = nanos(limits.getCpuTime());
    check("wall_time in nanoseconds", wallNanos, 1, maximum.wallTime.toNanos());
    long cpuSeconds = Math.ceilDiv(cpuNanos, 1_000_000_000L);
    check("cpu_time in seconds", cpuSeconds, 1, maximum.cpuSeconds);
    check("memory_bytes", limits.getMemoryBytes(), LEAST_MEMORY_BYTES, maximum.memoryBytes);
    check("output_bytes", limits.getOutputBytes(), 1, maximum.outputBytes);
    check("processes", limits.getProcesses(), 1, maximum.processes);
    long mostDisk = Math.min(maximum.diskBytes, limits.getMemoryBytes());
    check("disk_bytes", limits.getDiskBytes(), 1, mostDisk);
    check("artifact_bytes", limits.getArtifactBytes(), 1, maximum.artifactBytes);
    return new RunLimits(
        Duration.ofNanos(wallNanos),
        cpuSeconds,
        limits.getMemoryBytes(),
        limits.getOutputBytes(),
        limits.getProcesses(),
        limits.getDiskBytes(),
        limits.getArtifactBytes());
  }

  /** Those with which a slot is made. */
  SlotLimits ofSlot() {
    return new SlotLimits(memoryBytes, processes, diskBytes);
  }

  private static long nanos(com.google.protobuf.Duration duration) throws InvalidRunException {
    try {
      return Times.toNanos(duration);
    } catch (ArithmeticException e) {
      throw new InvalidRunException("a duration among the limits is invalid: " + e.getMessage());
    }
  }

  private static void check(String name, long value, long least, long most)
      throws InvalidRunException {
    if (value < least || value > most) {
      throw new InvalidRunException(
          "limits: %s is %d; this worker takes %d to %d".formatted(name, value, least, most));
    }
  }
}
