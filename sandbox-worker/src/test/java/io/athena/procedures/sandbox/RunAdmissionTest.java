package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.RunRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is refused before anything runs, and what waits. */
final class RunAdmissionTest {
  @Test
  void aFullPoolQueuesUpToItsBoundAndThenRefuses() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(1, Duration.ofSeconds(20));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      TestRun waiting = sandbox.program("def main(): return 'my turn'").open();
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isEqualTo(1));

      Status refusal = sandbox.program("pass").refusal();
      running.closeStdin();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refusal.getDescription()).contains("1 programs run and 1 wait");
      running.finish().result();
      assertThat(waiting.finish().result().getStringValue()).isEqualTo("my turn");
    }
  }

  @Test
  void aQueuedCallThatIsCancelledNeverStarts() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(5, Duration.ofSeconds(20));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      TestRun cancelled = sandbox.program("print('never')").open();
      TestRun left = sandbox.program("print('never')").open();
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isEqualTo(2));

      cancelled.cancel();
      left.abandon();

      cancelled.finish().failure(FailureKind.FAILURE_KIND_CANCELLED);
      assertThat(cancelled.events()).as("no started event").hasSize(1);
      HostState.eventually(() -> assertThat(sandbox.load().getQueued()).isZero());
      running.closeStdin();
      running.finish().result();
      HostState.eventually(() -> assertThat(sandbox.load().getCompletedRuns()).isEqualTo(1));
    }
  }

  @Test
  void aQueuedCallIsRefusedAfterItsTime() {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(5, Duration.ofMillis(200));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();

      Status refusal = sandbox.program("pass").refusal();

      assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      running.abandon();
    }
  }

  @Test
  void aRefusalForWantOfASlotSaysWhenToTryAgain() throws Exception {
    PoolConfig pool =
        PoolConfig.defaults().withMaxConcurrentRuns(1).withQueue(0, Duration.ofSeconds(1));
    try (TestSandbox sandbox = TestSandbox.start(config -> config.withPool(pool))) {
      TestRun running = sandbox.program("import sys; sys.stdin.read()").open().awaitStarted();
      try {
        sandbox.program("pass").open().readAll();
        throw new AssertionError("the run was not refused");
      } catch (StatusException e) {
        com.google.rpc.Status status = StatusProto.fromThrowable(e);
        assertThat(status).isNotNull();
        assertThat(String.valueOf(status))
            .contains("google.rpc.ErrorInfo", "google.rpc.RetryInfo", "WORKER_BUSY");
      }
      running.abandon();
    }
  }

  @Test
  void requestsOutOfOrderAreRefused() {
    try (TestSandbox sandbox = TestSandbox.start()) {
      TestRun twice = sandbox.program("import time; time.sleep(1000)").open().awaitStarted();
      twice.send(RunRequest.newBuilder().setStart(RunRequest.Start.getDefaultInstance()).build());
      TestRun late = sandbox.program("import time; time.sleep(1000)").open().awaitStarted();
      late.closeStdin();
      late.stdin("too late");

      assertThat(twice.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(late.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      TestRun nothing =
          new TestRun(
              sandbox.stub(),
              RunRequest.newBuilder().setCancel(RunRequest.Cancel.getDefaultInstance()).build());
      assertThat(nothing.refusal()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }
}
