package io.athena.procedures.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server of its own for the benchmark, started as a user would, on a fresh data directory and any
 * free port.
 */
final class ServerProcess implements AutoCloseable {
  private static final int LONGEST_STOP_SECONDS = 30;

  private final Process process;
  private final int port;
  private final Path dataDirectory;

  private ServerProcess(Process process, int port, Path dataDirectory) {
    this.process = process;
    this.port = port;
    this.dataDirectory = dataDirectory;
  }

  /**
   * Starts the server and waits until it is ready.
   *
   * @param launcher the repository's {@code athena}
   * @throws IOException if it ends before it is ready; what it said stands on standard error
   */
  static ServerProcess start(Path launcher, Path dataDirectory) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    launcher.toString(),
                    "serve",
                    "--port",
                    "0",
                    "--json",
                    "--data-dir",
                    dataDirectory.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String ready = output.readLine();
    if (ready == null) {
      throw new IOException("the server ended before it was ready");
    }
    return new ServerProcess(
        process, JsonMapper.shared().readTree(ready).required("port").asInt(), dataDirectory);
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  long pid() {
    return process.pid();
  }

  /** The first process of its PostgreSQL, which is no child of the server. */
  long postmasterPid() throws IOException {
    return Long.parseLong(
        Files.readAllLines(dataDirectory.resolve("postgres/postmaster.pid")).getFirst().strip());
  }

  /** The most memory that it has used, in the words of the kernel, such as "412345 kB". */
  String peakMemory() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", process.pid() + "", "status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> line.substring("VmHWM:".length()).strip())
          .findFirst()
          .orElse("unknown");
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(LONGEST_STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
