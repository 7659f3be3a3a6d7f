package io.athena.procedures.rpc;

import io.athena.procedures.AgentForTests;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A real server on a free port of loopback with a stock client of it. */
final class RunningServer implements AutoCloseable {
  final ProbeService probe = new ProbeService();
  final RpcServer server;
  final ManagedChannel channel;
  private boolean closed;

  private RunningServer(RpcServer.Parts parts, ServerConfig config) throws Exception {
    List<io.grpc.BindableService> services = new ArrayList<>(parts.services());
    services.add(probe);
    AgentForTests.load(HelidonMends.class);
    this.server =
        RpcServer.start(
            config,
            new RpcServer.Parts(
                services,
                parts.guards(),
                parts.http(),
                parts.httpGuard(),
                parts.health(),
                parts.statuses(),
                parts.metrics()));
    this.channel = newChannel();
  }

  static RunningServer start(ServerConfig.Transport transport) throws Exception {
    return start(transport, Map.of());
  }

  static RunningServer start(ServerConfig.Transport transport, Map<String, String> settings)
      throws Exception {
    return start(transport, settings, List.of(), authorization -> {}, List.of());
  }

  static RunningServer start(
      ServerConfig.Transport transport,
      Map<String, String> settings,
      List<ServerInterceptor> guards,
      HttpGuard httpGuard,
      List<HealthSource> health)
      throws Exception {
    Map<String, String> flags = new HashMap<>();
    flags.put("server.port", "0");
    flags.put("server.http-port", "0");
    flags.put("server.shutdown.limit", "2s");
    flags.putAll(settings);
    flags.put("server.grpc.transport", transport.name().toLowerCase(Locale.ROOT));
    StatusMapping statuses =
        new StatusMapping(
            failure ->
                failure instanceof ConnectException
                    ? new UnavailableException("DATABASE_DOWN", "the database is down", Map.of())
                    : null,
            new AtomicLong(0xabcL)::get);
    return new RunningServer(
        new RpcServer.Parts(
            List.of(),
            guards,
            Map.of(),
            httpGuard,
            health,
            statuses,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)),
        Configuration.load(null, Map.of(), flags).server());
  }

  ManagedChannel newChannel() {
    return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  ExecutionServiceGrpc.ExecutionServiceBlockingStub blocking() {
    return ExecutionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  ExecutionServiceGrpc.ExecutionServiceStub async() {
    return ExecutionServiceGrpc.newStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      channel.shutdownNow();
      server.close();
    }
  }
}
