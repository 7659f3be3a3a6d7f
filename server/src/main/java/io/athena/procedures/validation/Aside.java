package io.athena.procedures.validation;

import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Something that is looked up in a thread of its own, while whoever wants it does other things. */
final class Aside<T> {
  private final FutureTask<T> task;

  private Aside(FutureTask<T> task) {
    this.task = task;
  }

  /** Begins it, under the deadline of the call that this thread serves. */
  static <T> Aside<T> begin(Supplier<T> lookup) {
    FutureTask<T> task = new FutureTask<>(Context.current().wrap(lookup::get));
    Thread.ofVirtual().name("aside").start(task);
    return new Aside<>(task);
  }

  /** What needs no looking up. */
  static <T> Aside<T> known(T value) {
    FutureTask<T> task = new FutureTask<>(() -> value);
    task.run();
    return new Aside<>(task);
  }

  /**
   * Waits for what was looked up.
   *
   * @throws ServiceException if looking it up did
   */
  T get() {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ServiceException refusal -> throw refusal;
        case RuntimeException fault -> throw fault;
        case Error fault -> throw fault;
        case null, default -> throw new IllegalStateException("a lookup failed oddly", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(
          "CALL_INTERRUPTED", "the call was given up while its policy was looked up", Map.of());
    }
  }
}
