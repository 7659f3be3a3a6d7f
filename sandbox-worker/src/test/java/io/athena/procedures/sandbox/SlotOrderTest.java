package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.sandbox.v1.RunRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

/** Who waits for a slot is served in the order of coming. */
final class SlotOrderTest {
  private static final int CALLERS = 6;

  @Test
  void slotsAreGivenInTheOrderInWhichCallersCame() throws Exception {
    Path runDirectory = Path.of("/run/athena-sandbox-test-" + UUID.randomUUID());
    WorkerConfig config =
        WorkerConfig.defaults()
            .withRunDirectory(runDirectory)
            .withPool(PoolConfig.defaults().withReadySlots(1));
    HostCgroups cgroups = HostCgroups.detect();
    RunDirectory directory = RunDirectory.create(config, "ordered", cgroups);
    Container.Environment environment =
        new Container.Environment(
            config, "ordered", directory, cgroups, PythonInterpreter.find(config), 7);
    CountDownLatch everybodyWaits = new CountDownLatch(1);
    List<Long> users = new ArrayList<>();
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
        SandboxPool pool =
            SandboxPool.open(
                config.pool(),
                () -> {
                  awaitThem(everybodyWaits);
                  return Container.start(environment, 1, List.of());
                },
                timer)) {
      List<FutureTask<Long>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        FutureTask<Long> caller = new FutureTask<>(() -> userOfSlot(pool, timer, config));
        Thread thread = Thread.ofPlatform().start(caller);
        HostState.eventually(
            () -> assertThat(thread.getState()).isEqualTo(Thread.State.TIMED_WAITING));
        callers.add(caller);
      }
      everybodyWaits.countDown();
      for (FutureTask<Long> caller : callers) {
        users.add(caller.get());
      }
    } finally {
      directory.close();
      RunDirectory.deleteTree(runDirectory);
    }

    // One slot is made after the other, and each has the next user.
    assertThat(users).hasSize(CALLERS).isSorted().doesNotHaveDuplicates();
  }

  private static void awaitThem(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long userOfSlot(
      SandboxPool pool, ScheduledExecutorService timer, WorkerConfig config) throws Exception {
    Slot slot = pool.take(RunLimits.USUAL.ofSlot(), Duration.ofSeconds(30));
    try {
      RunRequest.Start start =
          RunRequest.Start.newBuilder()
              .setCode("import os\nresult = os.getuid()")
              .setStdinClosed(true)
              .build();
      Run run =
          new Run(slot, new Program(start, RunLimits.USUAL), _ -> {}, timer, config.stopGrace());
      run.begin();
      return (long) run.finish("ordered").getResult().getNumberValue();
    } finally {
      pool.discard(slot);
    }
  }
}
