package io.athena.procedures.bench;

import io.athena.procedures.sandbox.PoolConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How many slots of the server's pool wait for a run, by its metrics. */
final class ReadySlots {
  private static final String METRIC = "athena_sandbox_slots_ready{";
  private static final long LONGEST_WAIT_SECONDS = 60;
  private static final long BETWEEN_LOOKS_NANOS = 500_000;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest request;
  private final int all = PoolConfig.defaults().readySlots();

  ReadySlots(String address) {
    this.request = HttpRequest.newBuilder(URI.create("http://" + address + "/metrics")).build();
  }

  /** How many there are when nothing runs: the default, as the server has no other setting. */
  int all() {
    return all;
  }

  /**
   * Looks until the pool is full.
   *
   * @throws IOException if it is not within a minute
   */
  void awaitAll() throws IOException {
    long begin = System.nanoTime();
    int ready = now();
    while (ready < all) {
      if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS)) {
        throw new IOException(
            "only %d of %d slots were ready after %d s"
                .formatted(ready, all, LONGEST_WAIT_SECONDS));
      }
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS); // Looking takes time from what makes them.
      ready = now();
    }
  }

  private int now() throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(METRIC))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElseThrow(() -> new IOException("the server's metrics do not tell of slots"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while looking for ready slots", e);
    }
  }
}
