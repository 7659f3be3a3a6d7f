package io.athena.procedures.sandbox;

import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/** A real worker behind an in-process gRPC server, as a server embeds it. */
final class TestSandbox implements Closeable {
  private final WorkerConfig config;
  private final SandboxWorker worker;
  private final Server server;
  private final ManagedChannel channel;

  private TestSandbox(WorkerConfig config) throws IOException {
    String name = UUID.randomUUID().toString();
    this.config = config;
    worker = SandboxWorker.start(config, Clock.systemUTC());
    server =
        InProcessServerBuilder.forName(name)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(worker.service())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  static TestSandbox start() {
    return start(UnaryOperator.identity());
  }

  static TestSandbox start(UnaryOperator<WorkerConfig> change) {
    Path directory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    try {
      return new TestSandbox(change.apply(WorkerConfig.defaults().withRunDirectory(directory)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A program to run; limits and the rest have their usual values until changed. */
  TestProgram program(String code) {
    return new TestProgram(this, code);
  }

  /** Runs a program to its end. */
  TestRun run(String code) {
    return program(code).run();
  }

  SandboxServiceGrpc.SandboxServiceBlockingV2Stub stub() {
    return SandboxServiceGrpc.newBlockingV2Stub(channel);
  }

  GetLoadResponse load() {
    try {
      return stub().getLoad(GetLoadRequest.getDefaultInstance());
    } catch (io.grpc.StatusException e) {
      throw new AssertionError("GetLoad never fails", e);
    }
  }

  WorkerConfig config() {
    return config;
  }

  SandboxWorker worker() {
    return worker;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    worker.close();
    server.shutdownNow();
    try {
      Files.deleteIfExists(config.runDirectory().resolve("lock"));
      Files.deleteIfExists(config.runDirectory());
    } catch (DirectoryNotEmptyException e) {
      // Another worker uses it.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
