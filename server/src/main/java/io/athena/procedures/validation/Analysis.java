package io.athena.procedures.validation;

import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** An analysis under way in a thread of its own; closed before its end, it is given up. */
final class Analysis implements AutoCloseable {
  private final FutureTask<Facts> task;

  private Analysis(FutureTask<Facts> task) {
    this.task = task;
  }

  /** Begins it, under the deadline of the call that this thread serves. */
  static Analysis begin(CodeAnalyzer analyzer, String code) {
    FutureTask<Facts> task = new FutureTask<>(Context.current().wrap(() -> analyzer.analyze(code)));
    Thread.ofVirtual().name("analysis").start(task);
    return new Analysis(task);
  }

  /**
   * Waits for the facts.
   *
   * @throws ServiceException if no worker could look at the code
   */
  Facts facts() {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ServiceException refusal -> throw refusal;
        case RuntimeException fault -> throw fault;
        case Error fault -> throw fault;
        case null, default -> throw new IllegalStateException("an analysis failed oddly", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(
          "CALL_INTERRUPTED", "the call was given up while its code was examined", Map.of());
    }
  }

  /** Where it has ended, this changes nothing. */
  @Override
  public void close() {
    task.cancel(true);
  }
}
