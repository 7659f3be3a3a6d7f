package io.athena.procedures.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where programs run.
 *
 * @param workers addresses of sandbox workers as host:port; empty to run one in this process, for
 *     which the others are
 * @param workersTokenFile holds the token that they ask for, or null
 * @param workersCertificate PEM file of the certificate by which theirs are known, or null for no
 *     TLS
 * @param runtime OCI runtime: a name found on PATH, or a path
 * @param python interpreter inside the containers
 * @param rootfs their root file system, or null for the host's /usr
 * @param runDirectory where they keep their sockets
 * @param maxConcurrentRuns programs at once; 0 for a number by processors
 * @param environments those beside {@code python}, as NAME=MODULE+MODULE
 */
public record SandboxConfig(
    List<String> workers,
    @Nullable Path workersTokenFile,
    @Nullable Path workersCertificate,
    String runtime,
    Path python,
    @Nullable Path rootfs,
    Path runDirectory,
    int maxConcurrentRuns,
    List<String> environments) {
  /** Keeps a copy. */
  public SandboxConfig {
    workers = List.copyOf(workers);
    environments = List.copyOf(environments);
  }
}
