package io.athena.procedures.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Callers that do the same thing at the same time, each again as soon as it is done. */
final class Callers {
  private Callers() {}

  /** One call of the service. */
  interface Call {
    void run() throws IOException;
  }

  /**
   * Lets them share that many calls.
   *
   * @throws IOException if one of them failed
   */
  static Timings time(String name, int callers, int count, Call call)
      throws IOException, InterruptedException {
    List<Future<List<Long>>> running = new ArrayList<>();
    long begin = System.nanoTime();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < callers; caller++) {
        int share = count / callers + (caller < count % callers ? 1 : 0);
        running.add(executor.submit(() -> timeInSequence(share, call)));
      }
      List<Long> nanos = new ArrayList<>(count);
      for (Future<List<Long>> caller : running) {
        nanos.addAll(caller.get());
      }
      return Timings.of(nanos, System.nanoTime() - begin);
    } catch (ExecutionException e) {
      throw new IOException(name + " failed: " + e.getMessage(), e);
    }
  }

  private static List<Long> timeInSequence(int count, Call call) throws IOException {
    List<Long> nanos = new ArrayList<>(count);
    for (int run = 0; run < count; run++) {
      long begin = System.nanoTime();
      call.run();
      nanos.add(System.nanoTime() - begin);
    }
    return nanos;
  }
}
