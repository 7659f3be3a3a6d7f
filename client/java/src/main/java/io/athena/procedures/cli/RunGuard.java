package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.v1.ExecutionEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends the run when this process is told to end (Ctrl-C, SIGTERM), and holds the process until the
 * end of the run has been shown.
 */
final class RunGuard implements Consumer<ExecutionEvent>, AutoCloseable {
  private static final int SECONDS_TO_END = 5;

  private final AthenaClient client;
  private final CountDownLatch shown = new CountDownLatch(1);
  private final Thread hook = new Thread(this::cancel, "cancel");
  private volatile @Nullable String executionId;

  RunGuard(AthenaClient client) {
    this.client = client;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void accept(ExecutionEvent event) {
    if (event.getEventCase() == ExecutionEvent.EventCase.ACCEPTED) {
      executionId = event.getAccepted().getExecutionId();
    }
  }

  private void cancel() {
    String id = executionId;
    if (id == null) {
      // Not admitted yet: the call ends with the connection, and what it would have started with
      // it.
      client.close();
      return;
    }
    try {
      client.cancelExecution(id, "interrupted at the command line");
      shown.await(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (AthenaException e) {
      // The service is gone or refuses; leaving the stream is all that is left to do.
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    shown.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already: the hook runs, and has just been released.
      return;
    }
  }
}
