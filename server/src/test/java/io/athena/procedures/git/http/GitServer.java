package io.athena.procedures.git.http;

import io.athena.procedures.AgentForTests;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.rpc.HelidonMends;
import io.athena.procedures.rpc.HttpGuard;
import io.athena.procedures.rpc.RpcServer;
import io.athena.procedures.rpc.StatusMapping;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A server with nothing but repositories, on a free port of loopback. */
final class GitServer implements AutoCloseable {
  final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final GitHttp git;
  private final RpcServer server;
  private final boolean tls;

  private GitServer(ServerConfig config, Repositories repositories, HttpGuard guard)
      throws Exception {
    AgentForTests.load(HelidonMends.class);
    tls = config.tls() != null;
    git = new GitHttp(repositories, config.git(), Duration.ofMillis(100), metrics);
    server =
        RpcServer.start(
            config,
            new RpcServer.Parts(
                List.of(),
                List.of(),
                Map.of(GitHttp.PATH, git),
                guard,
                List.of(),
                new StatusMapping(failure -> null, () -> 0xabcL),
                metrics));
  }

  static GitServer start(
      ServerConfig.Transport transport,
      Map<String, String> settings,
      Repositories repositories,
      HttpGuard guard)
      throws Exception {
    Map<String, String> flags = new HashMap<>();
    flags.put("server.port", "0");
    flags.put("server.http-port", "0");
    flags.putAll(settings);
    flags.put("server.grpc.transport", transport.name().toLowerCase(Locale.ROOT));
    return new GitServer(Configuration.load(null, Map.of(), flags).server(), repositories, guard);
  }

  int port() {
    return server.httpPort();
  }

  /** Of a project's repository, as git takes it. */
  String url(String project) {
    return "%s://127.0.0.1:%d/git/%s.git".formatted(tls ? "https" : "http", port(), project);
  }

  @Override
  public void close() {
    server.close();
  }
}
