package io.athena.procedures.rpc;

import io.athena.procedures.config.ServerConfig;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.helidon.webserver.http.HttpService;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening server: services behind their guards, with reflection, health and metrics beside
 * them.
 */
public final class RpcServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RpcServer.class);
  private static final Duration GRACE = Duration.ofMillis(500);

  /**
   * What is served.
   *
   * @param services of the features
   * @param guards of every call but health checks, outermost first; they may throw
   * @param http what features serve over HTTP, by the path under which they do, such as "/git"
   * @param httpGuard of everything over HTTP but health checks
   * @param health parts whose state is reported
   * @param statuses from exceptions
   * @param metrics where calls are measured, and what {@code /metrics} shows
   */
  public record Parts(
      List<BindableService> services,
      List<ServerInterceptor> guards,
      Map<String, HttpService> http,
      HttpGuard httpGuard,
      List<HealthSource> health,
      StatusMapping statuses,
      PrometheusMeterRegistry metrics) {}

  private final ServerConfig config;
  private final Transport transport;
  private final CallLimit admission;
  private final Health health;
  private final ScheduledExecutorService timer;
  private final ExecutorService threads;

  private RpcServer(
      ServerConfig config,
      Transport transport,
      CallLimit admission,
      Health health,
      ScheduledExecutorService timer,
      ExecutorService threads) {
    this.config = config;
    this.transport = transport;
    this.admission = admission;
    this.health = health;
    this.timer = timer;
    this.threads = threads;
  }

  /**
   * Starts to listen.
   *
   * @throws ListenException if the port cannot be had; nothing is left running then
   */
  public static RpcServer start(ServerConfig config, Parts parts) throws ListenException {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("calls-timer").factory());
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());
    List<ServerServiceDefinition> features =
        parts.services().stream().map(BindableService::bindService).toList();
    Set<String> names =
        features.stream()
            .map(service -> service.getServiceDescriptor().getName())
            .collect(Collectors.toSet());
    Health health = new Health(parts.health(), names);
    CallLimit admission = new CallLimit(config.grpc().maxConcurrentCalls());
    Traits traits =
        switch (config.grpc().transport()) {
          case HELIDON -> Traits.HELIDON;
          case NETTY -> Traits.NETTY;
        };
    CallGuard guard = new CallGuard(traits, parts.statuses(), config.grpc(), timer, threads);
    List<ServerInterceptor> outer =
        List.of(new CallMetrics(parts.metrics()), guard, new IdentityEncoding());
    List<ServerServiceDefinition> services = new ArrayList<>();
    for (ServerServiceDefinition feature : features) {
      services.add(guarded(feature, outer, parts.guards(), List.of(admission)));
    }
    ServerServiceDefinition checks = health.service().bindService();
    services.add(guarded(checks, outer));
    List<ServerServiceDefinition> described = new ArrayList<>(features);
    described.add(checks);
    for (BindableService reflection : reflection()) {
      services.add(
          guarded(
              reflection.bindService(),
              outer,
              parts.guards(),
              List.of(new ReflectedServices(described))));
    }
    HttpEndpoints endpoints = new HttpEndpoints(health, parts);
    try {
      Transport transport =
          switch (config.grpc().transport()) {
            case HELIDON -> HelidonTransport.start(config, services, endpoints.routing());
            case NETTY -> NettyTransport.start(config, services, endpoints.routing(), threads);
          };
      health.watch();
      return new RpcServer(config, transport, admission, health, timer, threads);
    } catch (ListenException e) {
      timer.shutdownNow();
      threads.shutdownNow();
      throw e;
    }
  }

  /** Port of gRPC. */
  public int port() {
    return transport.port();
  }

  /** Port of HTTP; that of gRPC on Helidon. */
  public int httpPort() {
    return transport.httpPort();
  }

  /**
   * The first stages of a stop: reports NOT_SERVING, waits for callers to see it, refuses new
   * calls, and lets running ones end, up to the limit.
   */
  public void drain() {
    health.stop();
    pause(config.shutdown().announce());
    admission.refuse();
    int left = admission.awaitNone(config.shutdown().limit());
    if (left > 0) {
      log.warn("{} calls are ended by the shutdown", left);
    }
  }

  /** Stops listening; calls still under way are ended. */
  @Override
  public void close() {
    health.stop();
    transport.stop(GRACE);
    timer.shutdownNow();
    threads.shutdownNow();
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("deprecation") // Older tools know only v1alpha of reflection.
  private static List<BindableService> reflection() {
    return List.of(
        ProtoReflectionServiceV1.newInstance(),
        io.grpc.protobuf.services.ProtoReflectionService.newInstance());
  }

  @SafeVarargs
  private static ServerServiceDefinition guarded(
      ServerServiceDefinition service, List<ServerInterceptor>... guards) {
    List<ServerInterceptor> all = new ArrayList<>();
    for (List<ServerInterceptor> some : guards) {
      all.addAll(some);
    }
    return ServerInterceptors.interceptForward(Decoding.guard(service), all);
  }
}
