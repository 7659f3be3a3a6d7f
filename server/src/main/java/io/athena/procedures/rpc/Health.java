package io.athena.procedures.rpc;

import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptors;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server says of its health, over gRPC and HTTP. Thread-safe. */
final class Health {
  private static final Logger log = LoggerFactory.getLogger(Health.class);
  private static final long PERIOD_NANOS = 1_000_000_000;

  /** What a reader is told. */
  record Report(boolean ready, boolean stopping, Map<String, HealthSource.State> checks) {}

  private final HealthStatusManager manager = new HealthStatusManager();
  private final List<HealthSource> sources;
  private final Set<String> services;
  private volatile boolean stopping;
  private volatile @Nullable Thread watcher;

  /** Announces the state of the named gRPC services and keeps it up to date until stopped. */
  Health(List<HealthSource> sources, Set<String> services) {
    this.sources = sources;
    this.services = services;
    announce();
  }

  /** Looks at the sources from now on, on a thread of its own: one of them may be slow. */
  void watch() {
    watcher =
        Thread.ofVirtual()
            .name("health")
            .start(() -> {
              while (!stopping) {
                announce();
                LockSupport.parkNanos(PERIOD_NANOS);
              }
            });
  }

  BindableService service() {
    return () -> ServerInterceptors.intercept(manager.getHealthService(), Health::forgiving);
  }

  /**
   * One who watches and has gone must keep neither the others from hearing nor this from going on.
   */
  private static <Q, S> ServerCall.Listener<Q> forgiving(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    return next.startCall(
        new SimpleForwardingServerCall<Q, S>(call) {
          @Override
          public void sendMessage(S message) {
            try {
              super.sendMessage(message);
            } catch (StatusRuntimeException e) {
              log.debug("a watcher of health has gone: {}", e.toString());
            }
          }
        },
        headers);
  }

  /** Everything is NOT_SERVING from now on. */
  void stop() {
    stopping = true;
    if (watcher != null) {
      LockSupport.unpark(watcher);
    }
    manager.enterTerminalState();
  }

  Report report() {
    Map<String, HealthSource.State> checks = new LinkedHashMap<>();
    boolean ready = !stopping;
    for (HealthSource source : sources) {
      HealthSource.State state = state(source);
      checks.put(source.name(), state);
      ready &= state.up() || !source.services().isEmpty();
    }
    return new Report(ready, stopping, checks);
  }

  private void announce() {
    Report report = report();
    set(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, report.ready());
    for (String service : services) {
      boolean serves =
          report.ready()
              && sources.stream()
                  .filter(source -> source.services().contains(service))
                  .allMatch(source -> up(report, source));
      set(service, serves);
    }
  }

  private static boolean up(Report report, HealthSource source) {
    HealthSource.State state = report.checks().get(source.name());
    return state != null && state.up();
  }

  private void set(String service, boolean serves) {
    manager.setStatus(service, serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  private static HealthSource.State state(HealthSource source) {
    try {
      return source.state();
    } catch (RuntimeException e) {
      log.warn("the state of {} cannot be told", source.name(), e);
      return new HealthSource.State(false, Map.of("error", "its state cannot be told"));
    }
  }
}
