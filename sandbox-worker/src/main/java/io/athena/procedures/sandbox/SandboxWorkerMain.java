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
 * A worker as a process of its own. It listens on loopback only: its service runs any code it is
 * given.
 */
@Command(
    name = "sandbox-worker",
    mixinStandardHelpOptions = true,
    description = "Runs Python in isolated containers, for an Athena server.")
public final class SandboxWorkerMain implements Callable<Integer> {
  private static final int LARGEST_REQUEST = 32 * 1024 * 1024;
  private static final int DEFAULT_PORT = 7071;
  private static final Duration DRAIN = Duration.ofSeconds(30);

  @Option(
      names = "--port",
      description = "Port on 127.0.0.1; 0 for any free one (default: ${DEFAULT-VALUE}).")
  int port = DEFAULT_PORT;

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
            .withPool(pool);
    if (rootfs != null) {
      config = config.withRootfs(rootfs);
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
    serve(config);
    return 0;
  }

  private void serve(WorkerConfig config) throws IOException, InterruptedException {
    try (SandboxWorker worker = SandboxWorker.start(config, Clock.systemUTC())) {
      Server server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .maxInboundMessageSize(LARGEST_REQUEST)
              .addService(worker.service())
              .build()
              .start();
      Thread stopper = Thread.ofPlatform().unstarted(() -> stop(worker, server));
      Runtime.getRuntime().addShutdownHook(stopper);
      System.out.println(
          "sandbox worker " + worker.id() + " listens on 127.0.0.1:" + server.getPort());
      server.awaitTermination();
    }
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
