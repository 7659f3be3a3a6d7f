package io.athena.procedures.doctor;

import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.db.DatabaseProbe;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.sandbox.HostCheck;
import io.athena.procedures.sandbox.WorkerConfig;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Looks at this machine with the eyes of a server of a given configuration. Changes nothing. */
public final class Doctor {
  private static final int LEAST_JAVA = 25;
  private static final long SECONDS_TO_ANSWER = 3;

  private final Configuration configuration;
  private final WorkerConfig worker;
  private final String serve;

  /**
   * For a server that is set up so.
   *
   * @param command what people type to start this program
   */
  public Doctor(Configuration configuration, WorkerConfig worker, String command) {
    this.configuration = configuration;
    this.worker = worker;
    this.serve = command + " serve";
  }

  /** Looks at everything; takes a second or two. */
  public List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    checks.add(java());
    if (configuration.sandbox().workers().isEmpty()) {
      for (HostCheck.Finding finding : HostCheck.run(worker)) {
        checks.add(
            finding.passed()
                ? Check.ok(finding.name(), finding.detail())
                : Check.missing(finding.name(), finding.detail(), finding.remedy()));
      }
    }
    Check server = server();
    checks.add(port(server.state() != Check.State.OFF));
    checks.add(
        configuration.database().url() == null
            ? dataDirectory(configuration.server().dataDirectory())
            : database(configuration.database().url()));
    checks.add(server);
    return checks;
  }

  private static Check java() {
    int feature = Runtime.version().feature();
    String detail = Runtime.version() + " in " + System.getProperty("java.home");
    return feature >= LEAST_JAVA
        ? Check.ok("JDK", detail)
        : Check.missing(
            "JDK",
            detail + " is older than " + LEAST_JAVA,
            "apt-get install -y openjdk-" + LEAST_JAVA + "-jdk-headless");
  }

  private Check server() {
    ServerConfig server = configuration.server();
    String address = address(server);
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(new InetSocketAddress(server.bind(), server.port()));
    ManagedChannel channel =
        (server.tls() == null ? builder.usePlaintext() : builder.useTransportSecurity()).build();
    try {
      ServingStatus status =
          HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(SECONDS_TO_ANSWER, TimeUnit.SECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus();
      return status == ServingStatus.SERVING
          ? Check.ok("server", "ready on " + address)
          : Check.missing(
              "server",
              "answers on " + address + " that it is " + status,
              "curl http://" + address + "/health");
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.UNAVAILABLE
          ? Check.off("server", "none runs on " + address, serve)
          : Check.missing(
              "server",
              "on " + address + ": " + e.getStatus(),
              "curl http://" + address + "/health");
    } finally {
      channel.shutdownNow();
    }
  }

  private Check port(boolean serverRuns) {
    ServerConfig server = configuration.server();
    if (serverRuns) {
      return Check.ok("port", server.port() + ", held by the server that runs");
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(server.bind(), server.port()));
      return Check.ok("port", server.port() + " is free");
    } catch (IOException e) {
      return Check.missing(
          "port",
          address(server) + " cannot be listened on: " + e.getMessage(),
          serve + " --port 0");
    }
  }

  private Check dataDirectory(Path directory) {
    String remedy = serve + " --data-dir DIRECTORY";
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      return Check.missing("data directory", directory + " is no directory", remedy);
    }
    if (Files.isDirectory(directory)) {
      return Files.isWritable(directory)
          ? Check.ok("data directory", directory.toString())
          : Check.missing("data directory", directory + " cannot be written", remedy);
    }
    Path parent = directory.toAbsolutePath();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    return parent != null && Files.isDirectory(parent) && Files.isWritable(parent)
        ? Check.ok("data directory", directory + ", made with the first start")
        : Check.missing("data directory", directory + " cannot be made below " + parent, remedy);
  }

  private Check database(String url) {
    try {
      return Check.ok("database", DatabaseProbe.describe(url));
    } catch (DatabaseStartException | SQLException e) {
      return Check.missing(
          "database",
          String.valueOf(e.getMessage()),
          serve + " --database-url postgresql://USER@HOST:PORT/DATABASE");
    }
  }

  private static String address(ServerConfig server) {
    return server.bind().getHostAddress() + ":" + server.port();
  }
}
