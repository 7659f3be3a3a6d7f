package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import io.athena.procedures.execution.SandboxRun.Message;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A program that does not read what it is sent, on a real worker. */
final class UnreadInputTest {
  private static final RunRequest.Start DEAF =
      RunRequest.Start.newBuilder()
          .setExecutionId("deaf")
          .setFileName("deaf.py")
          .setCode("import time\nprint('up', flush=True)\nwhile True:\n    time.sleep(0.01)")
          .setLimits(
              ExecutionSettings.defaults().defaultLimits().toBuilder()
                  .setWallTime(Durations.fromSeconds(600))
                  .setCpuTime(Durations.fromSeconds(600)))
          .build();

  private final AtomicInteger sent = new AtomicInteger();

  @Test
  void aCancelReachesIt() throws Exception {
    RunRequest piece =
        RunRequest.newBuilder().setStdin(ByteString.copyFrom(new byte[1 << 20])).build();
    try (RealWorker worker = new RealWorker()) {
      SandboxRun run = new SandboxClient(Map.of("worker", worker.channel())).run(DEAF);
      CountDownLatch up = new CountDownLatch(1);
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  up.await();
                  // Waits for ever at the first that the worker does not take, until the run ends.
                  for (int i = 0; i < 1000; i++) {
                    run.send(piece);
                    sent.incrementAndGet();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      Completed completed = awaitCancelled(run, up, writer);

      assertThat(completed.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
      writer.interrupt();
      writer.join();
    }
  }

  private Completed awaitCancelled(SandboxRun run, CountDownLatch up, Thread writer)
      throws InterruptedException {
    while (true) {
      switch (run.next(Duration.ofSeconds(30))) {
        case Message.Response(RunResponse response) when response.hasCompleted() -> {
          return response.getCompleted();
        }
        case Message.Response(RunResponse response) when response.hasOutput() -> {
          up.countDown();
          while (sent.get() == 0 || writer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
          }
          run.cancel();
        }
        case Message.Response(_) -> {}
        case Message.Ended ended -> throw new AssertionError(ended.status().toString());
        case null -> throw new AssertionError("the program was not cancelled");
      }
    }
  }
}
