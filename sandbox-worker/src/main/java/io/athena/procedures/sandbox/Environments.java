package io.athena.procedures.sandbox;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The environments of a worker, each with a pool of its own. That of {@link
 * EnvironmentConfig#USUAL} is filled at once, the others when the first program asks for them.
 * Thread-safe.
 */
final class Environments implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Environments.class);

  private final Function<EnvironmentConfig, SandboxPool> opener;
  private final Map<String, EnvironmentConfig> offered = new LinkedHashMap<>();
  private final SandboxPool usual;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, SandboxPool> others = new LinkedHashMap<>();
  private boolean closed;

  /** One environment and what its pool holds; nothing while nobody has asked for it. */
  record State(EnvironmentConfig config, SandboxPool.@Nullable Stock stock) {}

  /**
   * Offers those whose modules are installed.
   *
   * @param opener makes the pool of an environment
   */
  Environments(WorkerConfig config, Function<EnvironmentConfig, SandboxPool> opener) {
    this.opener = opener;
    EnvironmentConfig first = new EnvironmentConfig(EnvironmentConfig.USUAL, List.of());
    offered.put(first.name(), first);
    for (EnvironmentConfig each : config.environments()) {
      List<String> missing = InstalledModules.missing(config, each.modules());
      if (missing.isEmpty()) {
        offered.put(each.name(), each);
      } else {
        log.info(
            "the environment '{}' is not offered: {} has no {}",
            each.name(),
            config.rootfs() == null ? config.python() : config.rootfs(),
            String.join(", ", missing));
      }
    }
    this.usual = opener.apply(offered.getOrDefault(EnvironmentConfig.USUAL, first));
  }

  /** The pool that programs get which ask for nothing. */
  SandboxPool usual() {
    return usual;
  }

  /**
   * The pool of an environment.
   *
   * @param name empty for the usual one
   * @throws UnknownEnvironmentException naming those there are
   */
  SandboxPool pool(String name) throws SandboxException {
    if (name.isEmpty() || name.equals(EnvironmentConfig.USUAL)) {
      return usual;
    }
    EnvironmentConfig config = offered.get(name);
    if (config == null) {
      throw new UnknownEnvironmentException(
          "there is no environment '%s'; there are %s"
              .formatted(name, String.join(", ", offered.keySet())));
    }
    lock.lock();
    try {
      if (closed) {
        throw new WorkerDrainingException();
      }
      return others.computeIfAbsent(name, _ -> opener.apply(config));
    } finally {
      lock.unlock();
    }
  }

  /** A container showed a sign of damage, whosever it is. */
  void condemn(Container container, String reason) {
    List<SandboxPool> opened;
    lock.lock();
    try {
      opened = List.copyOf(others.values());
    } finally {
      lock.unlock();
    }
    usual.condemn(container, reason);
    opened.forEach(pool -> pool.condemn(container, reason));
  }

  /** All of them, the usual one first. */
  List<State> states() {
    List<State> states = new ArrayList<>();
    lock.lock();
    try {
      for (EnvironmentConfig each : offered.values()) {
        SandboxPool pool =
            each.name().equals(EnvironmentConfig.USUAL) ? usual : others.get(each.name());
        states.add(new State(each, pool == null ? null : pool.stock()));
      }
      return states;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    List<SandboxPool> opened;
    lock.lock();
    try {
      closed = true;
      opened = List.copyOf(others.values());
    } finally {
      lock.unlock();
    }
    opened.forEach(SandboxPool::close);
    usual.close();
  }
}
