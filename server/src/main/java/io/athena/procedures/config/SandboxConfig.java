package io.athena.procedures.config;

import java.util.List;

/**
 * Where programs run.
 *
 * @param workers addresses of sandbox workers as host:port; empty to run one in this process
 * @param slots programs at once in this process' worker
 */
public record SandboxConfig(List<String> workers, int slots) {
  /** Keeps a copy. */
  public SandboxConfig {
    workers = List.copyOf(workers);
  }
}
