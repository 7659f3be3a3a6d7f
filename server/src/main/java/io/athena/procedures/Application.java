package io.athena.procedures;

import io.athena.procedures.auth.Authentication;
import io.athena.procedures.auth.TokenFileException;
import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.db.ConnectionFailures;
import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.rpc.HeaderTableMend;
import io.athena.procedures.rpc.ListenException;
import io.athena.procedures.rpc.RpcServer;
import io.athena.procedures.rpc.StatusMapping;
import io.grpc.BindableService;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;

/** All parts of a running server, put together. */
final class Application implements AutoCloseable {
  private final RpcServer server;
  private final Resources resources;

  private Application(RpcServer server, Resources resources) {
    this.server = server;
    this.resources = resources;
  }

  /** Starts everything, or nothing: what was opened before a failure is closed again. */
  static Application start(Configuration configuration, Clock clock)
      throws ConfigException,
          TokenFileException,
          DatabaseStartException,
          ListenException,
          IOException {
    Resources resources = new Resources();
    boolean started = false;
    try {
      Application application = start(configuration, clock, resources);
      started = true;
      return application;
    } finally {
      if (!started) {
        resources.close();
      }
    }
  }

  private static Application start(Configuration configuration, Clock clock, Resources resources)
      throws ConfigException,
          TokenFileException,
          DatabaseStartException,
          ListenException,
          IOException {
    ServerConfig config = configuration.server();
    requireSafeTransport(config);
    Authentication authentication = Authentication.of(config.tokensFile());
    PrometheusMeterRegistry metrics = metrics();
    resources.add(metrics::close);
    // Its containers start in the background while the database does.
    SandboxWorkers sandboxes = resources.add(SandboxWorkers.start(configuration.sandbox(), clock));
    Database database = resources.add(database(configuration));
    List<BindableService> services = List.of();
    RpcServer server =
        resources.add(
            RpcServer.start(
                config,
                new RpcServer.Parts(
                    services,
                    List.of(authentication),
                    authentication,
                    List.of(new DatabaseHealth(database), sandboxes),
                    new StatusMapping(
                        failure -> ConnectionFailures.toUnavailable(failure).orElse(null),
                        new SecureRandom()::nextLong),
                    metrics)));
    return new Application(server, resources);
  }

  /** Port of gRPC. */
  int port() {
    return server.port();
  }

  /** Port of HTTP. */
  int httpPort() {
    return server.httpPort();
  }

  /** Lets running calls end, then stops everything, last opened first. */
  @Override
  public void close() {
    server.drain();
    resources.close();
  }

  private static void requireSafeTransport(ServerConfig config) throws ConfigException {
    String problem = HeaderTableMend.problem();
    if (config.grpc().transport() == ServerConfig.Transport.HELIDON && problem != null) {
      throw new ConfigException(
          "Helidon cannot be used: "
              + problem
              + "; start the server with java -jar, or with --transport netty");
    }
  }

  private static Database database(Configuration configuration) throws DatabaseStartException {
    String url = configuration.database().url();
    return url == null
        ? Database.embedded(configuration.server().dataDirectory())
        : Database.external(url);
  }

  private static PrometheusMeterRegistry metrics() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    List<MeterBinder> binders =
        List.of(
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics());
    binders.forEach(binder -> binder.bindTo(registry));
    return registry;
  }
}
