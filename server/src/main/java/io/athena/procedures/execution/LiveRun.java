package io.athena.procedures.execution;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.RunRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run that this server pumps. Thread-safe. */
final class LiveRun {
  private final Admission admission;
  private final Recording recording;
  private final RunLog log;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Set<String> toolCalls = ConcurrentHashMap.newKeySet();
  private volatile @Nullable SandboxRun sandbox;
  private volatile @Nullable Ending ending;

  /** Why a run is ended from outside. */
  record Ending(FailureKind kind, String message) {}

  LiveRun(Recording recording, RunLog log) {
    this.admission = recording.admission();
    this.recording = recording;
    this.log = log;
  }

  Admission admission() {
    return admission;
  }

  /** True if the run has its row. */
  boolean isRecorded() {
    return recording.isDone();
  }

  /**
   * Has the run's row committed, and lets others see what it does.
   *
   * @throws io.athena.procedures.error.ServiceException if it cannot be: then the run must not go
   *     on
   */
  void record() throws InterruptedException {
    if (!recording.begin()) {
      throw taken();
    }
    log.open();
  }

  /**
   * The same with the end of the run, in one commit; gives what was recorded.
   *
   * @throws io.athena.procedures.error.ServiceException if it cannot be: then what the run did
   *     counts for nothing
   */
  Completion recordWhole(Completion completion) throws InterruptedException {
    Completion recorded = recording.beginAndEnd(completion);
    if (recorded == null) {
      throw taken();
    }
    log.open();
    return recorded;
  }

  private static OverloadedException taken() {
    return new OverloadedException(
        "REQUEST_ID_IN_USE",
        "another call with the same request_id came at the same time; repeat this one",
        Duration.ofMillis(100));
  }

  RunLog log() {
    return log;
  }

  /** Why the run was ended from outside; null if it was not. */
  @Nullable Ending ending() {
    return ending;
  }

  /** Ends the run; the first reason stands. Returns at once. */
  void end(FailureKind kind, String message) {
    synchronized (this) {
      if (ending != null) {
        return;
      }
      ending = new Ending(kind, message);
    }
    log.rush();
    SandboxRun running = sandbox;
    if (running != null) {
      running.cancel();
    }
  }

  /** Breaks off the call of the worker, which did not end the program when asked to. */
  void kill(String why) {
    SandboxRun running = sandbox;
    if (running != null) {
      running.kill(why);
    }
  }

  /** The pump has called the worker. */
  void opened(SandboxRun run) {
    sandbox = run;
    opened.countDown();
    if (ending != null) {
      run.cancel();
    }
  }

  /** The pump is done: the outcome is committed, or the run was not admitted. */
  void finished() {
    recording.close();
    opened.countDown();
    finished.countDown();
  }

  /** Waits for {@link #finished}. */
  void awaitFinish() throws InterruptedException {
    finished.await();
  }

  /** Waits for {@link #finished}, at most for a time; true if it has come. */
  boolean awaitFinish(long time, TimeUnit unit) throws InterruptedException {
    return finished.await(time, unit);
  }

  /** The program waits for the answer of a tool. */
  void toolCalled(String callId) {
    toolCalls.add(callId);
  }

  /** True, once, if the program waits for that answer, or has ended so that nobody does. */
  boolean takeToolCall(String callId) {
    return toolCalls.remove(callId) || ending != null || finished.getCount() == 0;
  }

  /** Passes something on to the program; waits while it takes no more. */
  void send(RunRequest request) throws InterruptedException {
    opened.await();
    SandboxRun running = sandbox;
    if (running != null) {
      running.send(request);
    }
  }
}
