package io.athena.procedures.git.http;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** So many requests are answered at once; others wait a while, in their order. Thread-safe. */
final class Places {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final int most;
  private final Duration patience;
  private final Semaphore free;
  private volatile boolean closed;

  /**
   * With places for so many.
   *
   * @param patience how long one waits for a place before it is refused
   */
  Places(int most, Duration patience) {
    this.most = most;
    this.patience = patience;
    this.free = new Semaphore(most, true);
  }

  /** A place that is taken until it is closed. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes a place.
   *
   * @throws OverloadedException if none became free
   * @throws UnavailableException if the server stops
   */
  Place take() {
    if (closed) {
      throw shuttingDown();
    }
    try {
      if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new OverloadedException(
            "TOO_MANY_FETCHES",
            "the server has %d requests of git clients under way and takes no more; repeat this one later"
                .formatted(most),
            RETRY_AFTER);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw shuttingDown();
    }
    if (closed) {
      free.release();
      throw shuttingDown();
    }
    return free::release;
  }

  int taken() {
    return most - free.availablePermits();
  }

  /** Gives no more places, and waits until all are free, or for the time given. */
  boolean drain(Duration limit) throws InterruptedException {
    closed = true;
    if (!free.tryAcquire(most, limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    // Whoever still waits is told that the server stops.
    free.release(most);
    return true;
  }

  private static UnavailableException shuttingDown() {
    return new UnavailableException(
        "SHUTTING_DOWN", "the server is shutting down; repeat the request after a while", Map.of());
  }
}
