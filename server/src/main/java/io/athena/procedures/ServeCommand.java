package io.athena.procedures;

import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code athena serve}: runs until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Runs the server until it is interrupted.",
      "Settings come from flags, then from the environment (ATHENA_SERVER_PORT=… sets server.port),"
          + " then from the file, then from defaults; server/README.md lists them."
    },
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description =
          "Address to listen on; beyond loopback only with --tokens-file. Default: 127.0.0.1.")
  private @Nullable String bind;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description = "What carries gRPC: helidon or netty. Default: helidon.")
  private @Nullable String transport;

  @Option(
      names = "--tokens-file",
      paramLabel = "FILE",
      description = "Serve only callers with a token of this file: lines name:sha256-of-token.")
  private @Nullable Path tokensFile;

  @Option(names = "--json", description = "Print the line that says the server is ready as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    Configuration configuration = server.load(flags());
    Application application = Application.start(configuration, Clock.systemUTC());
    CountDownLatch never = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  application.close();
                  // A stop that was asked for is no failure, whatever signal asked.
                  Runtime.getRuntime().halt(0);
                }));
    System.out.println(ready(configuration.server(), application));
    System.out.flush();
    never.await();
    return 0;
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>();
    ServerOptions.put(flags, "server.bind", bind);
    ServerOptions.put(flags, "server.grpc.transport", transport);
    ServerOptions.put(flags, "server.auth.tokens-file", tokensFile);
    return flags;
  }

  private String ready(ServerConfig server, Application application) {
    String address = server.bind().getHostAddress();
    long pid = ProcessHandle.current().pid();
    if (json) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("address", address);
      values.put("port", application.port());
      values.put("httpPort", application.httpPort());
      values.put("pid", pid);
      return new JsonMapper().writeValueAsString(values);
    }
    String http =
        application.httpPort() == application.port()
            ? ""
            : ", HTTP on " + address + ":" + application.httpPort();
    return "athena ready on %s:%d%s (pid %d)".formatted(address, application.port(), http, pid);
  }
}
