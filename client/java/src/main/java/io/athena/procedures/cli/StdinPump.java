package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.InteractiveExecution;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Gives this process's standard input to a program as it comes. */
final class StdinPump {
  private static final int CHUNK = 64 << 10;

  private StdinPump() {}

  /** Starts a thread that pumps until either side ends. It never keeps the process alive. */
  static void start(InputStream in, InteractiveExecution execution) {
    Thread.ofPlatform().daemon().name("stdin").start(() -> pump(in, execution));
  }

  private static void pump(InputStream in, InteractiveExecution execution) {
    byte[] buffer = new byte[CHUNK];
    try {
      int length = in.read(buffer);
      while (length >= 0 && execution.writeStdin(Arrays.copyOf(buffer, length))) {
        length = in.read(buffer);
      }
      execution.closeStdin();
    } catch (IOException e) {
      // Input that cannot be read has ended.
      execution.closeStdin();
    } catch (AthenaException e) {
      // The reader of the events meets the same failure and reports it.
      return;
    }
  }
}
