package io.athena.procedures.system;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.client.AthenaClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server as users start it, with a database and containers of its own. */
public final class RunningServer {
  private final Process process;
  private final String address;

  private RunningServer(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a server whose database lives below a folder, and waits until it is ready.
   *
   * @param options of its command line besides
   */
  public static RunningServer start(Path directory, String... options) throws IOException {
    Path target = Repository.root().resolve("server/target");
    Path jar;
    try (Stream<Path> files = Files.list(target)) {
      jar =
          files
              .filter(file -> file.getFileName().toString().matches("athena-server-.*\\.jar"))
              .findFirst()
              .orElseThrow(
                  () -> new IOException("no server in " + target + "; build it: mvn package"));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-jar",
                jar.toString(),
                "serve",
                "--port",
                "0",
                "--json",
                "--data-dir",
                directory.resolve("data").toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("ATHENA_SANDBOX_RUN_DIR", runDirectory().toString());
    Process process = builder.start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String ready = output.readLine();
    if (ready == null) {
      throw new IOException("the server ended before it was ready");
    }
    Struct.Builder values = Struct.newBuilder();
    JsonFormat.parser().merge(ready, values);
    return new RunningServer(
        process, "127.0.0.1:" + (long) values.getFieldsOrThrow("port").getNumberValue());
  }

  /** Of this process, and where every user may pass. */
  static Path runDirectory() {
    return Path.of("/run/athena-test-" + ProcessHandle.current().pid());
  }

  /** Host and port. */
  public String address() {
    return address;
  }

  /** A new client of it, which does not repeat calls. */
  AthenaClient client() {
    return AthenaClient.builder().address(address).maxAttempts(1).build();
  }

  long pid() {
    return process.pid();
  }

  /** Ends it as the kernel or a power cut would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it as an operator would; fails if it leaves anything in its run directory. */
  public void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the server did not stop within a minute");
    }
    // Of the containers nothing may be left, so that the folder holds no more than the worker's
    // lock.
    Files.deleteIfExists(runDirectory().resolve("lock"));
    Files.deleteIfExists(runDirectory());
  }
}
