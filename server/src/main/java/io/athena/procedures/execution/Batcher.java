package io.athena.procedures.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Gathers what many threads want written into few transactions. Nobody waits for more to come: who
 * finds the writer free writes at once, alone and on its own thread; what comes while a batch is
 * written makes up the next one. So an idle database is reached without another thread, and a busy
 * one in batches as large as it needs. Thread-safe.
 *
 * @param <T> what is written
 * @param <R> what comes of each
 */
final class Batcher<T, R> {
  private static final int LARGEST_BATCH = 256;

  private final ConcurrentLinkedQueue<Item<T, R>> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final String name;
  private final Function<List<T>, List<R>> writer;

  private record Item<T, R>(T value, CompletableFuture<R> written) {}

  /**
   * @param name of the threads that write what gathered
   * @param writer writes all or, by an exception, nothing; its results are in the order of its
   *     argument
   */
  Batcher(String name, Function<List<T>, List<R>> writer) {
    this.name = name;
    this.writer = writer;
  }

  /**
   * Writes it, alone or with others.
   *
   * @throws ExecutionException with the writer's exception for this one alone
   */
  R write(T value) throws ExecutionException, InterruptedException {
    Item<T, R> item = new Item<>(value, new CompletableFuture<>());
    queue.add(item);
    if (busy.compareAndSet(false, true)) {
      writeNext();
      // Others must not make this caller write for them on and on.
      if (!free()) {
        Thread.ofVirtual().name(name).start(this::writeUntilFree);
      }
    }
    return item.written.get();
  }

  private void writeUntilFree() {
    do {
      writeNext();
    } while (!free());
  }

  /** Gives up writing, unless something has gathered meanwhile. */
  private boolean free() {
    if (!queue.isEmpty()) {
      return false;
    }
    busy.set(false);
    // What came between the two lines above found the writer busy and waits.
    return queue.isEmpty() || !busy.compareAndSet(false, true);
  }

  private void writeNext() {
    List<Item<T, R>> items = new ArrayList<>();
    Item<T, R> next = queue.poll();
    while (next != null) {
      items.add(next);
      next = items.size() < LARGEST_BATCH ? queue.poll() : null;
    }
    if (!items.isEmpty()) {
      write(items);
    }
  }

  private void write(List<Item<T, R>> items) {
    try {
      List<R> results = writer.apply(items.stream().map(Item::value).toList());
      for (int index = 0; index < items.size(); index++) {
        items.get(index).written.complete(results.get(index));
      }
    } catch (RuntimeException | Error failure) {
      if (items.size() == 1) {
        items.getFirst().written.completeExceptionally(failure);
      } else {
        // One of them may spoil it for all.
        items.forEach(item -> write(List.of(item)));
      }
    }
  }
}
