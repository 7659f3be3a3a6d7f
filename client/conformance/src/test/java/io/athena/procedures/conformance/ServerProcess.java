package io.athena.procedures.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server as users start it, which asks for a token; with a database and containers of its own.
 */
final class ServerProcess {
  private static final int LONGEST_STOP_SECONDS = 60;

  private final Process process;
  private final int port;
  private final Path runDirectory;

  private ServerProcess(Process process, int port, Path runDirectory) {
    this.process = process;
    this.port = port;
    this.runDirectory = runDirectory;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param directory where its database and its tokens lie
   * @throws IOException if it ends before it is ready; what it said stands on standard error
   */
  static ServerProcess start(Path directory, String token, Map<String, String> settings)
      throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "conformance:" + sha256(token) + "\n");
    // Where every user may pass, as the users of containers must.
    Path runDirectory = Path.of("/run/athena-test-" + ProcessHandle.current().pid());
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "--sun-misc-unsafe-memory-access=allow",
                    "-jar",
                    jar().toString(),
                    "serve",
                    "--port",
                    "0",
                    "--json",
                    "--tokens-file",
                    tokens.toString(),
                    "--data-dir",
                    directory.resolve("data").toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("ATHENA_SANDBOX_RUN_DIR", runDirectory.toString());
    settings.forEach((name, value) -> builder.environment().put(variable(name), value));
    Process process = builder.start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String ready = output.readLine();
    if (ready == null) {
      throw new IOException("the server ended before it was ready");
    }
    int port = JsonMapper.shared().readTree(ready).required("port").asInt();
    return new ServerProcess(process, port, runDirectory);
  }

  int port() {
    return port;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** Ends it as an operator would; fails if it does not end, or leaves anything behind. */
  void stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(LONGEST_STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("the server did not stop within a minute");
    }
    // Of the containers nothing may be left, so that the folder holds no more than the worker's
    // lock.
    Files.deleteIfExists(runDirectory.resolve("lock"));
    Files.deleteIfExists(runDirectory);
  }

  private static Path jar() throws IOException {
    Path target = Repository.root().resolve("server/target");
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("athena-server-.*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IOException("no server in " + target + "; build it: mvn package"));
    }
  }

  private static String variable(String setting) {
    return "ATHENA_" + setting.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private static String sha256(String token) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
