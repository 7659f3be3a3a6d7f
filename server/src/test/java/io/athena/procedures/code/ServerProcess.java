package io.athena.procedures.code;

import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The whole program in a process of its own, without a sandbox: nothing is run here. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final ManagedChannel channel;

  /** With an embedded database in a directory. */
  static ServerProcess onDirectory(Path data) throws IOException {
    return new ServerProcess("--data-dir", data.toString());
  }

  /** On a database that others may use, too. */
  static ServerProcess onDatabase(String url) throws IOException {
    return new ServerProcess("--database-url", url);
  }

  private ServerProcess(String... where) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.athena.procedures.Main",
                "serve",
                "--json",
                "--port",
                "0",
                "--transport",
                "netty"));
    command.addAll(List.of(where));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ATHENA_SERVER_HTTP_PORT", "0");
    // Nobody listens there.
    builder.environment().put("ATHENA_SANDBOX_WORKERS", "127.0.0.1:1");
    process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port(process)).usePlaintext().build();
  }

  private static int port(Process process) throws IOException {
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("{")) {
        return Integer.parseInt(line.replaceFirst(".*\"port\":(\\d+).*", "$1"));
      }
    }
    throw new AssertionError("the server did not start");
  }

  ProcedureServiceBlockingStub procedures() {
    return ProcedureServiceGrpc.newBlockingStub(channel);
  }

  /** As {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
  }

  /** Kills it if it runs still, and waits for its end. */
  @Override
  public void close() {
    channel.shutdownNow();
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
