package io.athena.procedures.execution;

import com.google.protobuf.Value;
import io.athena.procedures.sandbox.SandboxWorker;
import io.athena.procedures.sandbox.WorkerConfig;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A real sandbox worker in this process, as the server embeds it. */
public final class RealWorker implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SandboxWorker worker;
  private final Server server;
  private final ManagedChannel channel;

  /** Starts it; its containers come up in the background. */
  public RealWorker() {
    this(WorkerConfig.defaults());
  }

  /** One whose containers this OCI runtime makes. */
  public static RealWorker withRuntime(String runtime) {
    return new RealWorker(WorkerConfig.defaults().withRuntime(runtime));
  }

  private RealWorker(WorkerConfig config) {
    String name = InProcessServerBuilder.generateName();
    try {
      // The containers' users must be able to get there, which they are not in a private directory.
      Path runDirectory = Path.of("/run/athena-executions-test-" + UUID.randomUUID());
      worker = SandboxWorker.start(config.withRunDirectory(runDirectory), Clock.systemUTC());
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

  /**
   * Runs a program to its end.
   *
   * @param tools answers its calls of tools
   */
  public Completed run(RunRequest.Start start, Function<ToolCall, Value> tools) {
    SandboxRun run = new SandboxClient(Map.of("worker", channel)).run(start);
    try {
      while (true) {
        switch (run.next(Duration.ofSeconds(60))) {
          case SandboxRun.Message.Response(RunResponse response) -> {
            if (response.hasCompleted()) {
              return response.getCompleted();
            }
            if (response.hasToolCall()) {
              run.send(
                  RunRequest.newBuilder()
                      .setToolResult(
                          RunRequest.ToolResult.newBuilder()
                              .setCallId(response.getToolCall().getCallId())
                              .setValue(tools.apply(response.getToolCall())))
                      .build());
            }
          }
          case SandboxRun.Message.Ended ended ->
              throw new AssertionError(ended.status().toString());
          case null -> throw new AssertionError("the program does not end");
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    server.shutdownNow();
    worker.close();
    threads.shutdownNow();
  }
}
