package io.athena.procedures.client;

import com.google.common.base.Preconditions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sets up an {@link AthenaClient}. Every setting has a default; for one thread. */
public final class AthenaClientBuilder {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private String address = AthenaClient.DEFAULT_ADDRESS;
  private Duration deadline = Duration.ofSeconds(30);
  private int maxAttempts = 4;
  private @Nullable String token;
  private ChannelCredentials credentials = InsecureChannelCredentials.create();
  private Supplier<String> requestIds = () -> UUID.randomUUID().toString();
  private final List<ClientInterceptor> interceptors = new ArrayList<>();

  AthenaClientBuilder() {}

  /**
   * Where the service is: {@code host:port}, or any target gRPC knows. Default 127.0.0.1:7070.
   *
   * @throws IllegalArgumentException if it ends in a port above 65535
   */
  public AthenaClientBuilder address(String address) {
    String port = address.substring(address.lastIndexOf(':') + 1);
    // gRPC would find out in a thread of its own, and the call would never end.
    Preconditions.checkArgument(
        !port.matches("\\d+") || (port.length() <= 5 && Integer.parseInt(port) <= 65535),
        "'%s' is no address: its port is above 65535",
        address);
    this.address = address;
    return this;
  }

  /** Sent as bearer token with every call. Default none. */
  public AthenaClientBuilder token(String token) {
    Preconditions.checkArgument(
        token.chars().allMatch(c -> c > ' ' && c < 0x7f),
        "a token is printable ASCII without blanks");
    this.token = token;
    return this;
  }

  /** How long a call that is no stream may take, repetitions included. Default 30 s, above 0. */
  public AthenaClientBuilder deadline(Duration deadline) {
    Preconditions.checkArgument(deadline.isPositive(), "a deadline is above 0, not %s", deadline);
    this.deadline = deadline;
    return this;
  }

  /**
   * How often a call is made at most while the service is unavailable, where repeating is safe: the
   * call only reads, or carries a request_id. Default 4; 1 never repeats.
   */
  public AthenaClientBuilder maxAttempts(int maxAttempts) {
    Preconditions.checkArgument(
        maxAttempts >= 1, "a call is made at least once, not %s times", maxAttempts);
    this.maxAttempts = maxAttempts;
    return this;
  }

  /**
   * Speaks TLS and trusts what the Java runtime trusts. Default: plain text, as on a loopback or in
   * a mesh.
   */
  public AthenaClientBuilder tls() {
    this.credentials = TlsChannelCredentials.create();
    return this;
  }

  /**
   * Speaks TLS and trusts the certificates of a PEM file only.
   *
   * @throws IOException if the file cannot be read
   */
  public AthenaClientBuilder tls(Path trustedCertificates) throws IOException {
    this.credentials =
        TlsChannelCredentials.newBuilder().trustManager(trustedCertificates.toFile()).build();
    return this;
  }

  /**
   * Speaks TLS, trusts the certificates of a PEM file only, and shows a certificate of its own.
   *
   * @throws IOException if a file cannot be read
   */
  public AthenaClientBuilder tls(Path trustedCertificates, Path certificateChain, Path privateKey)
      throws IOException {
    this.credentials =
        TlsChannelCredentials.newBuilder()
            .trustManager(trustedCertificates.toFile())
            .keyManager(certificateChain.toFile(), privateKey.toFile())
            .build();
    return this;
  }

  /** Where request ids come from. Default random UUIDs. */
  public AthenaClientBuilder requestIds(Supplier<String> requestIds) {
    this.requestIds = requestIds;
    return this;
  }

  /** Adds an interceptor around every call, for tracing and the like. */
  public AthenaClientBuilder intercept(ClientInterceptor interceptor) {
    interceptors.add(interceptor);
    return this;
  }

  /** Makes the client. It connects with its first call. */
  public AthenaClient build() {
    List<ClientInterceptor> all = new ArrayList<>(interceptors);
    all.add(new DeadlineInterceptor(deadline));
    if (token != null) {
      all.add(new TokenInterceptor(token));
    }
    ClientThread thread = new ClientThread();
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(address, credentials)
            .eventLoopGroup(thread.eventLoop())
            .channelType(NioSocketChannel.class)
            .intercept(all)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            // A peer that vanished without a word is noticed, also while a silent program runs.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            // Repetition is decided in Retries, which knows what may be repeated.
            .disableRetry()
            .build();
    return new AthenaClient(
        channel, thread, new Retries(maxAttempts, deadline), new RequestIds(requestIds));
  }
}
