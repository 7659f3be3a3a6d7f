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

  private final LinkedBlockingQueue<Entry<T, R>> queue = new LinkedBlockingQueue<>();
  private final Function<List<T>, List<R>> writer;
  private final Thread thread;
  private volatile boolean closed;

  private sealed interface Entry<T, R> {
    record Item<T, R>(T value, CompletableFuture<R> written) implements Entry<T, R> {}

    record End<T, R>() implements Entry<T, R> {}
  }

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
    if (closed) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("nothing is written any more: the server stops"));
    }
    CompletableFuture<R> written = new CompletableFuture<>();
    queue.add(new Entry.Item<>(value, written));
    return written;
  }

  private void work() {
    boolean open = true;
    while (open) {
      List<Entry<T, R>> entries = new ArrayList<>();
      try {
        entries.add(queue.take());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      queue.drainTo(entries, LARGEST_BATCH - 1);
      List<Entry.Item<T, R>> items = new ArrayList<>();
      for (Entry<T, R> entry : entries) {
        switch (entry) {
          case Entry.Item<T, R> item -> items.add(item);
          case Entry.End<T, R> end -> open = false;
        }
      }
      if (!items.isEmpty()) {
        write(items);
      }
    }
  }

  private void write(List<Entry.Item<T, R>> items) {
    try {
      List<R> results = writer.apply(items.stream().map(Entry.Item::value).toList());
      for (int index = 0; index < items.size(); index++) {
        items.get(index).written.complete(results.get(index));
      }
    } catch (RuntimeException failure) {
      if (items.size() == 1) {
        items.getFirst().written.completeExceptionally(failure);
      } else {
        // One of them may spoil it for all.
        items.forEach(item -> write(List.of(item)));
      }
    }
  }

  /** Returns when all that was submitted before is written. */
  @Override
  public void close() {
    closed = true;
    queue.add(new Entry.End<>());
    try {
      thread.join();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
