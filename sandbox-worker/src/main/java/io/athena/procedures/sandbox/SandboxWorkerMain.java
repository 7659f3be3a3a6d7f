package io.athena.procedures.sandbox;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A worker as a process of its own. It listens on loopback unless callers must show a token: its
 * service runs any code it is given.
 */
@Command(
    name = "sandbox-worker",
    mixinStandardHelpOptions = true,
    description = "Runs Python in isolated containers, for an Athena server.")
public final class SandboxWorkerMain implements Callable<Integer> {
  private static final int LARGEST_REQUEST = 32 * 1024 * 1024;
  private static final int WRONG_USAGE = 2;
  private static final int DEFAULT_PORT = 7071;
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration DRAIN = Duration.ofSeconds(30);

  @Option(
      names = "--port",
      description = "Port to listen on; 0 for any free one (default: ${DEFAULT-VALUE}).")
  int port = DEFAULT_PORT;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description =
          "Address to listen on; beyond loopback only with --tokens-file (default: 127.0.0.1).")
  InetAddress bind = InetAddress.getLoopbackAddress();

  @Option(
      names = "--tokens-file",
      paramLabel = "FILE",
      description = "Serve only callers with a token of this file: lines name:sha256-of-token.")
  @Nullable Path tokensFile;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "PEM file of the certificate chain; with --tls-private-key the port speaks TLS.")
  @Nullable Path certificate;

  @Option(
      names = "--tls-private-key",
      paramLabel = "FILE",
      description = "PEM file of the PKCS#8 private key.")
  @Nullable Path privateKey;

  @Option(
      names = "--run-dir",
      description = "Where containers keep sockets and bundles (default: ${DEFAULT-VALUE}).")
  Path runDirectory = WorkerConfig.DEFAULT_RUN_DIRECTORY;

  @Option(names = "--runtime", description = "OCI runtime (default: ${DEFAULT-VALUE}).")
  String runtime = "runc";

  @Option(
      names = "--python",
      description = "Interpreter inside the container (default: ${DEFAULT-VALUE}).")
  Path python = Path.of("/usr/bin/python3");

  @Option(
      names = "--rootfs",
      description = "Folder with an image's root file system (default: the host's /usr).")
  @Nullable Path rootfs;

  @Option(
      names = "--max-concurrent-runs",
      description = "Runs at a time (default: 4 a processor, at least 16).")
  int maxConcurrentRuns = PoolConfig.defaults().maxConcurrentRuns();

  @Option(
      names = "--ready-slots",
      description = "Slots kept ready (default: 2 a processor, at least 4).")
  int readySlots = PoolConfig.defaults().readySlots();

  @Option(
      names = "--environment",
      split = ",",
      paramLabel = "NAME=MODULE+MODULE",
      description =
          "Environment beside python; one whose modules are not installed is not offered (default:"
              + " data=numpy+pandas).")
  List<String> environments = List.of("data=numpy+pandas");

  @Option(names = "--check", description = "Only check whether this host can isolate programs.")
  boolean checkOnly;

  private SandboxWorkerMain() {}

  /** Entry point. */
  public static void main(String[] arguments) {
    // Before any logger is made. Standard output is for the one line that tells the port.
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty(
          "logback.configurationFile", "io/athena/procedures/sandbox/logback-worker.xml");
    }
    System.exit(new CommandLine(new SandboxWorkerMain()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(maxConcurrentRuns).withReadySlots(readySlots);
    WorkerConfig config =
        WorkerConfig.defaults()
            .withRunDirectory(runDirectory)
            .withRuntime(runtime)
            .withPython(python)
            .withEnvironments(environments.stream().map(EnvironmentConfig::parse).toList())
            .withPool(pool);
    if (rootfs != null) {
      config = config.withRootfs(rootfs);
    }
    String wrong = wrongOptions();
    if (!wrong.isEmpty()) {
      System.err.println("sandbox-worker: " + wrong);
      return WRONG_USAGE;
    }
    List<HostCheck.Finding> findings = HostCheck.run(config);
    boolean fit = findings.stream().allMatch(HostCheck.Finding::passed);
    if (checkOnly || !fit) {
      findings.forEach(finding ->
          System.out.println((finding.passed() ? "ok   " : "FAIL ") + finding.sentence()));
    }
    if (checkOnly || !fit) {
      return fit ? 0 : 1;
    }
    return serve(config);
  }

  private String wrongOptions() {
    if (tokensFile == null && !bind.isLoopbackAddress()) {
      return "--bind is %s, which others can reach: give --tokens-file, or bind to 127.0.0.1"
          .formatted(bind.getHostAddress());
    }
    if ((certificate == null) != (privateKey == null)) {
      return "--tls-certificate and --tls-private-key belong together: give both or none";
    }
    return "";
  }

  private int serve(WorkerConfig config) throws IOException, InterruptedException {
    try (SandboxWorker worker = SandboxWorker.start(config, Clock.systemUTC())) {
      String problem = worker.awaitFirstContainer(LONGEST_START);
      if (!problem.isEmpty()) {
        System.out.println("FAIL " + problem);
        return 1;
      }
      Server server = listen(worker);
      Thread stopper = Thread.ofPlatform().unstarted(() -> stop(worker, server));
      Runtime.getRuntime().addShutdownHook(stopper);
      System.out.println(
          "sandbox worker %s listens on %s:%d"
              .formatted(worker.id(), bind.getHostAddress(), server.getPort()));
      server.awaitTermination();
      return 0;
    }
  }

  private Server listen(SandboxWorker worker) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(bind, port))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .maxInboundMessageSize(LARGEST_REQUEST)
            // Servers ask often whether their workers are still there.
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(worker.service());
    if (tokensFile != null) {
      builder.intercept(WorkerTokens.read(tokensFile));
    }
    if (certificate != null && privateKey != null) {
      builder.useTransportSecurity(certificate.toFile(), privateKey.toFile());
    }
    return builder.build().start();
  }

  private static void stop(SandboxWorker worker, Server server) {
    try {
      worker.drain(DRAIN);
      server.shutdown();
      worker.close();
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
