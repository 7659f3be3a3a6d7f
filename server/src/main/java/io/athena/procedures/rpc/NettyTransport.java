package io.athena.procedures.rpc;

import io.athena.procedures.config.ServerConfig;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** gRPC on the server of grpc-java; HTTP on a port of its own. */
final class NettyTransport implements Transport {
  private static final int MAX_HEADER_BYTES = 16 * 1024;

  private final Server server;
  private final HelidonTransport http;

  private NettyTransport(Server server, HelidonTransport http) {
    this.server = server;
    this.http = http;
  }

  static NettyTransport start(
      ServerConfig config,
      List<ServerServiceDefinition> services,
      HttpRouting.Builder endpoints,
      Executor threads)
      throws ListenException {
    ServerConfig.Grpc limits = config.grpc();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(config.bind(), config.port()))
            .executor(threads)
            .addServices(services)
            .maxInboundMessageSize(limits.maxMessageSize())
            .maxInboundMetadataSize(MAX_HEADER_BYTES)
            .keepAliveTime(limits.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(limits.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    ServerConfig.Tls tls = config.tls();
    if (tls != null) {
      builder.useTransportSecurity(tls.certificate().toFile(), tls.privateKey().toFile());
    }
    HelidonTransport http = HelidonTransport.startHttp(config, endpoints);
    try {
      return new NettyTransport(builder.build().start(), http);
    } catch (IOException e) {
      http.stop(Duration.ZERO);
      throw Listening.failure(config.bind(), config.port(), e);
    }
  }

  @Override
  public int port() {
    return server.getPort();
  }

  @Override
  public int httpPort() {
    return http.port();
  }

  @Override
  public void stop(Duration limit) {
    server.shutdown();
    try {
      if (!server.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(2, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      http.stop(limit);
    }
  }
}
