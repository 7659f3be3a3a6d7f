package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.CancelRunRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The pool, its containers, and callers that do not behave. */
final class PoolTest {
  @Test
  void manyRunsAtOnceLeaveNothingBehind() throws Exception {
    long threads = HostState.workerThreads();
    TestSandbox sandbox = TestSandbox.start();
    try (sandbox) {
      sandbox.run("pass").result();
      int descriptors = HostState.openDescriptors();

      List<Double> results = inParallel(16, 500, number -> () -> doubled(sandbox, number));

      for (int number = 0; number < 500; number++) {
        assertThat(results.get(number)).isEqualTo(2.0 * number);
      }
      HostState.eventually(() -> assertThat(sandbox.load().getRunning()).isZero());
      assertThat(sandbox.load().getCompletedRuns()).isEqualTo(501);
      assertThat(sandbox.load().getContainers()).isEqualTo(1);
      int slots = sandbox.config().pool().readySlots();
      HostState.eventually(() -> assertThat(sandbox.load().getReadySlots()).isEqualTo(slots));
      HostState.eventually(() ->
          assertThat(HostState.openDescriptors()).isLessThanOrEqualTo(descriptors + 5 * slots));
    }
    HostState.eventually(() -> assertThat(stateOf(sandbox)).isEqualTo(HostState.NOTHING));
    HostState.eventually(() -> assertThat(HostState.workerThreads()).isEqualTo(threads));
  }

  @Test
  void aCallerThatLeavesEndsItsProgram() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      List<TestRun> runs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        TestRun run =
            sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
        runs.add(run.awaitOutput("up"));
      }
      assertThat(sandbox.load().getRunning()).isEqualTo(4);

      runs.forEach(TestRun::abandon);

      HostState.eventually(() -> assertThat(sandbox.load().getRunning()).isZero());
    }
  }

  @Test
  void aCallerThatDoesNotReadStopsTheProgramInsteadOfFillingMemory() {
    String code =
        """
        import os, sys, threading
        written = 0
        def write():
            global written
            block = b'x' * 65536
            while True:
                written += os.write(1, block)
        threading.Thread(target=write, daemon=True).start()
        sys.stdin.readline()
        open('/tmp/now', 'w').write(str(written))
        os.write(2, f'written {written}'.encode())
        sys.stdin.readline()
        """;
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run = sandbox.program(code).output(1_000_000_000).open();
      run.awaitStarted();
      // Time in which a program without back-pressure writes gigabytes.
      sandbox.run("import time; time.sleep(1)").result();
      run.stdin("tell\n");
      sandbox.run("pass").result();
      run.awaitErrors("written ");

      long written = Long.parseLong(run.stderr().replaceAll("\\D", ""));

      assertThat(written).isLessThan(4_000_000);
      run.cancel();
      run.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
    }
  }

  @Test
  void aRunIsCancelledBesideItsCallWhichIsFullOfUnreadInput() throws Exception {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run =
          sandbox
              .program("print('up', flush=True)\nimport time\ntime.sleep(1000)")
              .executionId("stuck")
              .open();
      run.awaitOutput("up");
      Thread writer = Thread.ofPlatform().start(run::floodStdin);
      HostState.eventually(() ->
          assertThat(writer.getState()).isIn(Thread.State.WAITING, Thread.State.TIMED_WAITING));

      var _ =
          sandbox.stub().cancelRun(CancelRunRequest.newBuilder().setExecutionId("stuck").build());

      run.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
      writer.join();
    }
  }

  @Test
  void aContainerIsReplacedAfterItsRunsWithoutAnyFailing() throws Exception {
    PoolConfig pool = PoolConfig.defaults().withRecycling(10, Duration.ofHours(1));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      // A worn container serves until its successor is proved and ready, so how many runs that
      // takes depends on the machine.
      for (int round = 0; round < 50 && sandbox.worker().containersStarted() <= 2; round++) {
        assertThat(inParallel(4, 20, number -> () -> doubled(sandbox, number))).hasSize(20);
      }
      assertThat(sandbox.worker().containersStarted()).isGreaterThan(2);
      HostState.eventually(() -> assertThat(sandbox.load().getContainers()).isEqualTo(1));
    }
  }

  @Test
  void aContainerIsReplacedWhenItIsOld() {
    PoolConfig pool = PoolConfig.defaults().withRecycling(1000, Duration.ofMillis(300));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      sandbox.run("pass").result();

      HostState.eventually(() -> assertThat(sandbox.worker().containersStarted()).isGreaterThan(2));
      sandbox.run("pass").result();
    }
  }

  @Test
  void aRunWhoseContainerIsKilledIsLostAndTheNextOneRuns() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun run =
          sandbox.program("print('up', flush=True)\nimport time\ntime.sleep(1000)").open();
      run.awaitOutput("up");

      HostState.killContainers(sandbox.config().runDirectory());

      run.finish().failure(FailureKind.FAILURE_KIND_WORKER_LOST);
      assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
    }
  }

  private static HostState stateOf(TestSandbox sandbox) {
    return HostState.of(sandbox.config().runDirectory(), sandbox.worker().id());
  }

  private static double doubled(TestSandbox sandbox, int number) {
    return sandbox
        .program("def main(n): return n * 2")
        .parameter("n", number)
        .run()
        .result()
        .getNumberValue();
  }

  private interface Task {
    Callable<Double> of(int number);
  }

  private static List<Double> inParallel(int threads, int count, Task task)
      throws InterruptedException, ExecutionException {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Double>> futures = new ArrayList<>();
      for (int number = 0; number < count; number++) {
        futures.add(executor.submit(task.of(number)));
      }
      List<Double> results = new ArrayList<>();
      for (Future<Double> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
