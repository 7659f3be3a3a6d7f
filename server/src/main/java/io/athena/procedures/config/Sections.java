package io.athena.procedures.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns values into the records. */
final class Sections {
  private static final int ALL_PORTS = 65_535;
  private static final Duration LEAST_KEPT = Duration.ofHours(24);
  private static final Duration LONGEST_KEPT = Duration.ofDays(36_500);
  private static final Duration LONGEST = Duration.ofDays(365);

  private Sections() {}

  static ServerConfig server(Values values) throws ConfigException {
    ServerConfig.Grpc grpc =
        new ServerConfig.Grpc(
            transport(values),
            (int) values.size("server.grpc.max-message-size", 1 << 10, 1 << 30),
            values.integer("server.grpc.max-concurrent-calls", 1, 1_000_000),
            values.duration("server.grpc.max-call-duration", Duration.ofMillis(1), LONGEST),
            values.duration("server.grpc.keepalive-time", Duration.ofMillis(10), LONGEST),
            values.duration("server.grpc.keepalive-timeout", Duration.ofMillis(10), LONGEST),
            values.duration("server.grpc.flow-control-timeout", Duration.ofMillis(10), LONGEST));
    ServerConfig.Git git =
        new ServerConfig.Git(
            values.integer("server.git.max-concurrent-fetches", 1, 10_000),
            (int) values.size("server.git.max-request-size", 1 << 10, 1 << 30),
            values.duration("server.git.stall-timeout", Duration.ofMillis(10), LONGEST),
            values.duration("server.git.max-fetch-duration", Duration.ofMillis(10), LONGEST));
    ServerConfig.Shutdown shutdown =
        new ServerConfig.Shutdown(
            values.duration("server.shutdown.announce", Duration.ZERO, LONGEST),
            values.duration("server.shutdown.limit", Duration.ZERO, LONGEST));
    ServerConfig server =
        new ServerConfig(
            address(values),
            values.integer("server.port", 0, ALL_PORTS),
            values.integer("server.http-port", 0, ALL_PORTS),
            Path.of(values.text("server.data-dir")).toAbsolutePath(),
            grpc,
            git,
            shutdown,
            path(values, "server.auth.tokens-file"),
            tls(values));
    if (!server.bind().isLoopbackAddress() && server.tokensFile() == null) {
      throw new ConfigException(
          "server.bind is "
              + server.bind().getHostAddress()
              + ", which others can reach: set server.auth.tokens-file (--tokens-file), or bind to"
              + " 127.0.0.1");
    }
    return server;
  }

  static DatabaseConfig database(Values values) {
    String url = values.text("database.url");
    return new DatabaseConfig(url.isEmpty() ? null : url);
  }

  static SandboxConfig sandbox(Values values) throws ConfigException {
    return new SandboxConfig(
        list(values.text("sandbox.workers")),
        path(values, "sandbox.workers-token-file"),
        path(values, "sandbox.workers-certificate"),
        values.text("sandbox.runtime"),
        Path.of(values.text("sandbox.python")),
        path(values, "sandbox.rootfs"),
        Path.of(values.text("sandbox.run-dir")),
        values.integer("sandbox.max-concurrent-runs", 0, 256),
        list(values.text("sandbox.environments")));
  }

  private static ServerConfig.Transport transport(Values values) throws ConfigException {
    String name = values.text("server.grpc.transport");
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "helidon" -> ServerConfig.Transport.HELIDON;
      case "netty" -> ServerConfig.Transport.NETTY;
      default ->
          throw new ConfigException(
              "server.grpc.transport is '" + name + "'; it can be helidon or netty");
    };
  }

  static ExecutionConfig executions(Values values) throws ConfigException {
    Duration keepFor = values.duration("executions.keep-for", Duration.ZERO, LONGEST_KEPT);
    if (keepFor.isPositive() && keepFor.compareTo(LEAST_KEPT) < 0) {
      throw new ConfigException(
          "executions.keep-for is '%s'; it must be at least 24h, for which a request_id is known, or 0s to keep all"
              .formatted(values.text("executions.keep-for")));
    }
    return new ExecutionConfig(
        keepFor,
        values.integer("executions.max-concurrent-per-project", 0, 100_000),
        values.integer("executions.max-waiting-per-project", 0, 100_000),
        values.duration("executions.longest-wait", Duration.ZERO, LONGEST));
  }

  private static InetAddress address(Values values) throws ConfigException {
    String bind = values.text("server.bind");
    try {
      return InetAddress.getByName(bind);
    } catch (UnknownHostException e) {
      throw new ConfigException("server.bind is '" + bind + "', which is no known address", e);
    }
  }

  private static ServerConfig.@Nullable Tls tls(Values values) throws ConfigException {
    Path certificate = path(values, "server.tls.certificate");
    Path key = path(values, "server.tls.private-key");
    if (certificate == null && key == null) {
      return null;
    }
    if (certificate == null || key == null) {
      throw new ConfigException(
          "server.tls.certificate and server.tls.private-key belong together; one is missing");
    }
    requireReadable("server.tls.certificate", certificate);
    requireReadable("server.tls.private-key", key);
    return new ServerConfig.Tls(certificate, key);
  }

  private static void requireReadable(String key, Path file) throws ConfigException {
    if (!Files.isReadable(file)) {
      throw new ConfigException(key + " is " + file + ", which cannot be read");
    }
  }

  private static @Nullable Path path(Values values, String key) {
    String text = values.text(key);
    return text.isEmpty() ? null : Path.of(text).toAbsolutePath();
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }
}
