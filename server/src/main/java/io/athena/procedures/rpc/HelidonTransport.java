package io.athena.procedures.rpc;

import io.athena.procedures.config.ServerConfig;
import io.grpc.ServerServiceDefinition;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.grpc.GrpcProtocolSelector;
import io.helidon.webserver.grpc.GrpcRouting;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;

/**
 * gRPC and HTTP on one port of Helidon's web server, with the settings that its measured faults ask
 * for.
 */
final class HelidonTransport implements Transport {
  private static final Duration GRACE = Duration.ofSeconds(2);

  /**
   * Clients of this server cancel as a matter of course; the default of 50 in 10 s cut them off.
   */
  private static final int MAX_RAPID_RESETS = 10_000;

  /** Room for a token of 4 kB and what proxies add. */
  private static final int MAX_HEADER_BYTES = 16 * 1024;

  /** What a request of git may be larger than, so that its handler tells that it is too large. */
  private static final int SPARE_BODY_BYTES = 1 << 20;

  /** So that a caller above the limit of calls is told so, instead of waiting in its own queue. */
  private static final int SPARE_STREAMS = 100;

  private final WebServer server;

  private HelidonTransport(WebServer server) {
    this.server = server;
  }

  static HelidonTransport start(
      ServerConfig config, List<ServerServiceDefinition> services, HttpRouting.Builder http)
      throws ListenException {
    GrpcRouting.Builder grpc = GrpcRouting.builder().config(Config.empty());
    services.forEach(service -> grpc.service(() -> service));
    WebServer server =
        builder(config, config.port())
            .addConnectionSelector(connections(config.grpc()))
            .addRouting(grpc)
            .routing(http)
            .build();
    return new HelidonTransport(listen(server, config, config.port()));
  }

  /** HTTP only, beside gRPC on another transport. */
  static HelidonTransport startHttp(ServerConfig config, HttpRouting.Builder http)
      throws ListenException {
    WebServer server = builder(config, config.httpPort()).routing(http).build();
    return new HelidonTransport(listen(server, config, config.httpPort()));
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public int httpPort() {
    return server.port();
  }

  @Override
  public void stop(Duration limit) {
    server.stop();
  }

  private static WebServerConfig.Builder builder(ServerConfig config, int port) {
    WebServerConfig.Builder builder =
        WebServerConfig.builder()
            .config(Config.empty())
            .address(config.bind())
            .port(port)
            .shutdownHook(false)
            .shutdownGracePeriod(GRACE)
            .featuresDiscoverServices(false)
            .protocolsDiscoverServices(false)
            .addProtocol(Http1Config.create())
            // Without it Helidon keeps a chunk of any size in memory. Calls of gRPC have their own.
            .maxPayloadSize((long) config.git().maxRequestSize() + SPARE_BODY_BYTES)
            .contentEncoding(encoding ->
                encoding
                    .contentEncodingsDiscoverServices(false)
                    .addContentEncoding(new GzipRequests()))
            // What is no request at all is told so, and not by a status alone; Helidon escapes it.
            .errorHandling(errors -> errors.includeEntity(true))
            // HTTP/2 looks after its own idle connections; these are of HTTP/1.
            .idleConnectionTimeout(Duration.ofMinutes(5))
            // Without this every small answer waits 40 ms for the peer's delayed acknowledgement.
            .connectionOptions(options ->
                options
                    .tcpNoDelay(true)
                    .socketKeepAlive(true)
                    .putSocketOption(StandardSocketOptions.SO_KEEPALIVE, true));
    ServerConfig.Tls tls = config.tls();
    if (tls != null) {
      builder.tls(tls(tls));
    }
    return builder;
  }

  private static Tls tls(ServerConfig.Tls tls) {
    Keys keys =
        Keys.builder()
            .pem(pem ->
                pem.key(Resource.create(tls.privateKey()))
                    .certChain(Resource.create(tls.certificate())))
            .build();
    return Tls.builder().privateKey(keys).privateKeyCertChain(keys).build();
  }

  private static WatchedConnections connections(ServerConfig.Grpc limits) {
    GrpcConfig grpc =
        GrpcConfig.builder()
            .enableCompression(false)
            .enableMetrics(false)
            .maxReadBufferSize(limits.maxMessageSize())
            .build();
    Http2Config http2 =
        Http2Config.builder()
            .flowControlTimeout(limits.flowControlTimeout())
            .maxRapidResets(MAX_RAPID_RESETS)
            .maxHeaderListSize(MAX_HEADER_BYTES)
            .maxConcurrentStreams(limits.maxConcurrentCalls() + SPARE_STREAMS)
            .build();
    return new WatchedConnections(
        Http2ConnectionSelector.builder()
            .http2Config(http2)
            .addSubProtocolSelector(
                new WatchedStreams(GrpcProtocolSelector.create(grpc), limits.maxMessageSize()))
            .build(),
        limits);
  }

  /** Helidon tells nobody but its log that it could not start; so the port is tried once more. */
  private static WebServer listen(WebServer server, ServerConfig config, int port)
      throws ListenException {
    server.start();
    if (server.isRunning()) {
      return server;
    }
    throw Listening.failure(config.bind(), port);
  }
}
