package io.athena.procedures.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/**
 * Gathers what many threads want written into few transactions. It never waits for more: while one
 * batch is written the next one gathers, so an idle database is reached at once and a busy one in
 * batches as large as it needs. Thread-safe.
 *
 * @param <T> what is written
 * @param <R> what comes of each
 */
final class Batcher<T, R> implements AutoCloseable {
  private static final int LARGEST_BATCH = 256;

  private final LinkedBlockingQueue<Item<T, R>> queue = new LinkedBlockingQueue<>();
  private final Function<List<T>, List<R>> writer;
  private final Thread thread;

  private record Item<T, R>(T value, CompletableFuture<R> written) {}

  /**
   * @param writer writes all or, by an exception, nothing; its results are in the order of its
   *     argument
   */
  Batcher(String name, Function<List<T>, List<R>> writer) {
    this.writer = writer;
    this.thread = Thread.ofVirtual().name(name).start(this::work);
  }

  /** Has it written; the future fails with the writer's exception for this one alone. */
  CompletableFuture<R> submit(T value) {
    CompletableFuture<R> written = new CompletableFuture<>();
    queue.add(new Item<>(value, written));
    return written;
  }

  private void work() {
    List<Item<T, R>> batch = new ArrayList<>();
    while (true) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException closed) {
        return;
      }
      queue.drainTo(batch, LARGEST_BATCH - 1);
      write(batch);
      batch.clear();
    }
  }

  private void write(List<Item<T, R>> batch) {
    try {
      List<R> results = writer.apply(batch.stream().map(Item::value).toList());
      for (int index = 0; index < batch.size(); index++) {
        batch.get(index).written.complete(results.get(index));
      }
    } catch (RuntimeException failure) {
      if (batch.size() == 1) {
        batch.getFirst().written.completeExceptionally(failure);
      } else {
        // One of them may spoil it for all.
        batch.forEach(item -> write(List.of(item)));
      }
    }
  }

  /** Ends the thread; what it has not begun to write is not written. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
