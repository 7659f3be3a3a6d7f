package io.athena.procedures.execution;

import io.athena.procedures.sandbox.SandboxWorker;
import io.athena.procedures.sandbox.WorkerConfig;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real sandbox worker in this process, as the server embeds it. */
public final class RealWorker implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SandboxWorker worker;
  private final Server server;
  private final ManagedChannel channel;

  /** Starts it; its containers come up in the background. */
  public RealWorker() {
    String name = InProcessServerBuilder.generateName();
    try {
      // The containers' users must be able to get there, which they are not in a private directory.
      Path runDirectory = Path.of("/run/athena-executions-test-" + UUID.randomUUID());
      worker =
          SandboxWorker.start(
              WorkerConfig.defaults().withRunDirectory(runDirectory), Clock.systemUTC());
      server =
          InProcessServerBuilder.forName(name)
              .executor(threads)
              .addService(worker.service())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).executor(threads).build();
  }

  /** To its service. */
  public Channel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    server.shutdownNow();
    worker.close();
    threads.shutdownNow();
  }
}
