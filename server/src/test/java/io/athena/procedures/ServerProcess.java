package io.athena.procedures;

import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.ExecutionServiceGrpc.ExecutionServiceBlockingStub;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.ProcedureServiceGrpc.ProcedureServiceBlockingStub;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The whole program in a process of its own; its sandbox examines the code that is saved. */
public final class ServerProcess implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Path runDirectory = Path.of("/run/athena-server-process-" + UUID.randomUUID());
  private final Process process;
  private final ManagedChannel channel;

  /** With an embedded database in a directory. */
  public static ServerProcess onDirectory(Path data) throws IOException {
    return new ServerProcess("--data-dir", data.toString());
  }

  /** On a database that others may use, too. */
  public static ServerProcess onDatabase(String url) throws IOException {
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
    builder.environment().put("ATHENA_SANDBOX_RUN_DIR", runDirectory.toString());
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

  /** Procedures and their code. */
  public ProcedureServiceBlockingStub procedures() {
    return ProcedureServiceGrpc.newBlockingStub(channel);
  }

  /** Saves code, as often as the server asks to come back later. */
  public SaveProcedureCodeResponse save(SaveProcedureCodeRequest request) {
    while (true) {
      try {
        return procedures().saveProcedureCode(request);
      } catch (StatusRuntimeException busy) {
        if (busy.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
          throw busy;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /** Runs of procedures. */
  public ExecutionServiceBlockingStub executions() {
    return ExecutionServiceGrpc.newBlockingStub(channel);
  }

  /** For whoever wants to do something to it. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** As {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Stops it if it runs still, and waits for its end. */
  @Override
  public void close() {
    channel.shutdownNow();
    process.destroy();
    try {
      process.waitFor();
      // What a killed server leaves; another one on the same directory would clean it up.
      new ProcessBuilder("rm", "-rf", "--one-file-system", runDirectory.toString())
          .inheritIO()
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
