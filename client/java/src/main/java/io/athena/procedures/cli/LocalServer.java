package io.athena.procedures.cli;

import com.google.protobuf.Struct;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A service on this machine, started for as long as a command needs it. */
final class LocalServer implements AutoCloseable {
  private static final int SECONDS_TO_STOP = 30;

  private final Process process;
  private final Thread hook;
  private final String address;

  private LocalServer(Process process, Thread hook, String address) {
    this.process = process;
    this.hook = hook;
    this.address = address;
  }

  /**
   * Starts a service on a free port with the default data directory and waits until it is ready.
   * What it has to say goes to standard error.
   *
   * @param launcher the program that starts services
   * @throws ServerStartException if it ends before it is ready
   */
  static LocalServer start(String launcher) throws IOException {
    Process process =
        new ProcessBuilder(List.of(launcher, "serve", "--port", "0", "--json"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // Before anything can fail: a service must not outlive the command that started it.
    Thread hook = new Thread(process::destroy, "stop-server");
    Runtime.getRuntime().addShutdownHook(hook);
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String ready = output.readLine();
    if (ready == null) {
      throw new ServerStartException(
          "the service ended before it was ready; what it said stands above");
    }
    Struct values = Json.merge(ready, Struct.newBuilder()).build();
    long port = (long) values.getFieldsOrThrow("port").getNumberValue();
    return new LocalServer(process, hook, "127.0.0.1:" + port);
  }

  String address() {
    return address;
  }

  /** Asks it to stop and waits until it has. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // This process is ending: the hook has asked the service to stop too.
      return;
    }
  }
}
