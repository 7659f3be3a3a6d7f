package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * When this process is told to end (Ctrl-C, SIGTERM), ends the call that is under way and says on
 * standard error what was done and what not. The exit code is then that of the signal.
 */
final class InterruptNotice implements AutoCloseable {
  private final AthenaClient client;
  private final Terminal terminal;
  private final Supplier<String> done;
  private final Thread hook = new Thread(this::tell, "interrupted");
  private volatile boolean interrupted;

  /**
   * @param done says what was done so far; called by any thread
   */
  InterruptNotice(AthenaClient client, Terminal terminal, Supplier<String> done) {
    this.client = client;
    this.terminal = terminal;
    this.done = done;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** True once the process is ending: what fails from then on is not worth telling. */
  boolean isInterrupted() {
    return interrupted;
  }

  private void tell() {
    interrupted = true;
    try {
      terminal.tell("interrupted: " + done.get());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      client.close();
    }
  }

  @Override
  public void close() {
    if (!interrupted) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending already, and the hook runs.
        return;
      }
    }
  }
}
