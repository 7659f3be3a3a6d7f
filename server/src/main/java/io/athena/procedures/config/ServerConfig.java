package io.athena.procedures.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the server listens.
 *
 * @param bind address
 * @param port of gRPC, and of HTTP on Helidon; 0 for any free one
 * @param httpPort of HTTP when gRPC is on Netty; 0 for any free one
 * @param dataDirectory for the embedded database
 * @param grpc how calls are served
 * @param git how repositories are served
 * @param shutdown how it stops
 * @param tokensFile accepted bearer tokens, or null if everybody is served
 * @param tls certificate and key, or null for plain text
 */
public record ServerConfig(
    InetAddress bind,
    int port,
    int httpPort,
    Path dataDirectory,
    Grpc grpc,
    Git git,
    Shutdown shutdown,
    @Nullable Path tokensFile,
    @Nullable Tls tls) {

  /** What carries gRPC. */
  public enum Transport {
    /** Helidon's web server: one port for everything. */
    HELIDON,
    /** The server of grpc-java, for a port exposed without a proxy; HTTP has a port of its own. */
    NETTY
  }

  /**
   * How calls are served.
   *
   * @param maxMessageSize largest request message, in bytes
   * @param maxConcurrentCalls calls under way at once
   * @param maxCallDuration longest life of a call
   * @param keepaliveTime silence after which a client is asked whether it lives
   * @param keepaliveTimeout time it has to answer
   * @param flowControlTimeout how long a client may refuse to read
   */
  public record Grpc(
      Transport transport,
      int maxMessageSize,
      int maxConcurrentCalls,
      Duration maxCallDuration,
      Duration keepaliveTime,
      Duration keepaliveTimeout,
      Duration flowControlTimeout) {}

  /**
   * How repositories are served to git clients.
   *
   * @param maxConcurrentFetches requests answered at once; more wait a while and are then refused
   * @param maxRequestSize largest request, in bytes, after it is unpacked
   * @param stallTimeout how long a client may neither send nor read
   * @param maxFetchDuration longest time an answer may take
   */
  public record Git(
      int maxConcurrentFetches,
      int maxRequestSize,
      Duration stallTimeout,
      Duration maxFetchDuration) {}

  /**
   * How the server stops.
   *
   * @param announce time between reporting NOT_SERVING and refusing calls
   * @param limit time running calls have to end
   */
  public record Shutdown(Duration announce, Duration limit) {}

  /** PEM files of a certificate chain and its PKCS#8 key. */
  public record Tls(Path certificate, Path privateKey) {}
}
