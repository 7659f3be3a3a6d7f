package io.athena.procedures.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures a run of {@code pass} over the gRPC service: from the call to its end, with a slot
 * ready; and how many a second at several concurrencies. Run with {@code mvn -q test-compile
 * exec:java} or from an IDE; it is no test.
 */
final class WarmStartBenchmark {
  private static final int WARM_RUNS = 200;

  private WarmStartBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    try (TestSandbox sandbox = TestSandbox.start()) {
      measureWarm(sandbox);
      measureWarm(sandbox);
      for (int concurrency : new int[] {1, 4, 16, 16}) {
        measureThroughput(sandbox, concurrency, 300);
      }
    }
  }

  private static void measureWarm(TestSandbox sandbox) {
    int slots = sandbox.config().pool().readySlots();
    long[] nanos = new long[WARM_RUNS];
    for (int i = 0; i < WARM_RUNS; i++) {
      HostState.eventually(() -> {
        if (sandbox.load().getReadySlots() < slots) {
          throw new AssertionError("no slot is ready");
        }
      });
      LockSupport.parkNanos(5_000_000);
      long start = System.nanoTime();
      sandbox.run("pass").result();
      nanos[i] = System.nanoTime() - start;
    }
    java.util.Arrays.sort(nanos);
    System.out.printf(
        "warm slot: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, least %.2f ms%n",
        nanos[WARM_RUNS / 2] / 1e6,
        nanos[WARM_RUNS * 9 / 10] / 1e6,
        nanos[WARM_RUNS * 99 / 100] / 1e6,
        nanos[0] / 1e6);
  }

  private static void measureThroughput(TestSandbox sandbox, int concurrency, int runs)
      throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(concurrency)) {
      long start = System.nanoTime();
      long cpuStart = cpuNanos();
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        futures.add(executor.submit(() -> sandbox.run("pass").result()));
      }
      for (Future<?> future : futures) {
        var _ = future.get();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "concurrency %d: %.0f runs/s, %.2f ms of CPU time in the worker's process for each%n",
          concurrency, runs / seconds, (cpuNanos() - cpuStart) / 1e6 / runs);
    }
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}
