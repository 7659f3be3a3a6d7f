package io.athena.procedures.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a worker runs programs.
 *
 * @param runDirectory where containers keep their sockets and bundles; every folder on the way must
 *     be traversable for all, because containers run as unprivileged users. Not kept over a reboot:
 *     tmpfs is best
 * @param runtime the OCI runtime: a name found on PATH, or a path
 * @param python the interpreter inside the container; must be CPython 3.9 or newer
 * @param rootfs a folder with the container's root file system; null for the host's own {@code
 *     /usr}, read-only
 * @param pool sizes of the pool
 * @param maximum the largest limits a run may ask for
 * @param stopGrace how long a slot may take to report its end once it was told to stop; then its
 *     container is replaced
 * @param environments those beside {@link EnvironmentConfig#USUAL}; one whose modules are not
 *     installed is not offered
 */
public record WorkerConfig(
    Path runDirectory,
    String runtime,
    Path python,
    @Nullable Path rootfs,
    PoolConfig pool,
    RunLimits maximum,
    Duration stopGrace,
    List<EnvironmentConfig> environments) {
  /** Keeps a copy. */
  public WorkerConfig {
    environments = List.copyOf(environments);
  }

  /** Where a worker keeps its run directory unless told otherwise. */
  public static final Path DEFAULT_RUN_DIRECTORY = Path.of("/run/athena-sandbox");

  /** The configuration that needs no decision. */
  public static WorkerConfig defaults() {
    return new WorkerConfig(
        DEFAULT_RUN_DIRECTORY,
        "runc",
        Path.of("/usr/bin/python3"),
        null,
        PoolConfig.defaults(),
        RunLimits.LARGEST,
        Duration.ofSeconds(15),
        List.of(new EnvironmentConfig("data", List.of("numpy", "pandas"))));
  }

  /** The same with another run directory. */
  public WorkerConfig withRunDirectory(Path value) {
    return new WorkerConfig(value, runtime, python, rootfs, pool, maximum, stopGrace, environments);
  }

  /** The same with another OCI runtime. */
  public WorkerConfig withRuntime(String value) {
    return new WorkerConfig(
        runDirectory, value, python, rootfs, pool, maximum, stopGrace, environments);
  }

  /** The same with another interpreter. */
  public WorkerConfig withPython(Path value) {
    return new WorkerConfig(
        runDirectory, runtime, value, rootfs, pool, maximum, stopGrace, environments);
  }

  /** The same with an image's root file system instead of the host's. */
  public WorkerConfig withRootfs(Path value) {
    return new WorkerConfig(
        runDirectory, runtime, python, value, pool, maximum, stopGrace, environments);
  }

  /** The same with other sizes of the pool. */
  public WorkerConfig withPool(PoolConfig value) {
    return new WorkerConfig(
        runDirectory, runtime, python, rootfs, value, maximum, stopGrace, environments);
  }

  /** The same with other maxima. */
  public WorkerConfig withMaximum(RunLimits value) {
    return new WorkerConfig(
        runDirectory, runtime, python, rootfs, pool, value, stopGrace, environments);
  }

  /** The same with other environments beside the usual one. */
  public WorkerConfig withEnvironments(List<EnvironmentConfig> value) {
    return new WorkerConfig(runDirectory, runtime, python, rootfs, pool, maximum, stopGrace, value);
  }
}
