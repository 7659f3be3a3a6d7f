package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of Run: requests in, events out, with flow control both ways.
 *
 * <p>gRPC calls the observer's methods one at a time; events come from the threads of the run.
 */
final class RunCall implements StreamObserver<RunRequest>, RunSink {
  private static final Logger log = LoggerFactory.getLogger(RunCall.class);
  private static final Duration NO_DEADLINE = Duration.ofDays(1);

  /** Requests that may be on their way: bounds the memory that unread standard input takes. */
  private static final int REQUEST_WINDOW = 4;

  private final Runner runner;
  private final ServerCallStreamObserver<RunResponse> responses;
  private final Deadline deadline;
  private final boolean hasDeadline;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readyOrGone = lock.newCondition();
  private final StdinWriter stdin;
  private final Consumer<RunCall> ended;
  private volatile String executionId = "";
  private boolean started;
  private boolean toolsClosed;
  private boolean answered;
  private @Nullable StopCause stopped;
  private @Nullable InvalidRunException misuse;
  private @Nullable Run run;
  private @Nullable Thread waiting;

  /**
   * A call that has said nothing yet.
   *
   * @param ended told when the call is over
   */
  RunCall(Runner runner, ServerCallStreamObserver<RunResponse> responses, Consumer<RunCall> ended) {
    this.runner = runner;
    this.responses = responses;
    this.ended = ended;
    Deadline set = Context.current().getDeadline();
    this.hasDeadline = set != null;
    this.deadline = set == null ? Deadline.after(0, TimeUnit.SECONDS) : set;
    this.stdin = new StdinWriter(() -> responses.request(1));
  }

  /** Prepares the call; must be done before the method that received it returns. */
  void accept() {
    responses.disableAutoRequest();
    responses.setOnReadyHandler(this::wake);
    responses.setOnCancelHandler(() -> {
      stop(StopCause.CANCELLED);
      wake();
      ended.accept(this);
    });
    responses.request(1);
  }

  /** Whether it runs the program of an execution. */
  boolean isOf(String id) {
    return !id.isEmpty() && executionId.equals(id);
  }

  /** Kills the program, as a cancel request does. */
  void cancel() {
    stop(StopCause.CANCELLED);
  }

  @Override
  public void onNext(RunRequest request) {
    try {
      switch (request.getRequestCase()) {
        case START -> start(request.getStart());
        case STDIN -> writeStdin(request.getStdin());
        case CLOSE_STDIN -> {
          requireStart();
          stdin.close();
          responses.request(1);
        }
        case CANCEL -> {
          requireStart();
          stop(StopCause.CANCELLED);
          responses.request(1);
        }
        case TOOL_RESULT -> {
          requireStart();
          answer(request.getToolResult());
          responses.request(1);
        }
        case CLOSE_TOOLS -> {
          requireStart();
          closeTools();
          responses.request(1);
        }
        case REQUEST_NOT_SET -> throw new InvalidRunException("a request says nothing");
      }
    } catch (InvalidRunException e) {
      misuse(e);
    }
  }

  @Override
  public void onError(Throwable error) {
    stop(StopCause.CANCELLED);
    wake();
  }

  @Override
  public void onCompleted() {
    // The caller has nothing more to say: to the program that is the end of its input.
    if (started) {
      stdin.close();
      closeTools();
    } else {
      misuse(new InvalidRunException("the call ended without a start request"));
    }
  }

  @Override
  public void send(RunResponse response) throws CallerGoneException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!responses.isReady()) {
        if (responses.isCancelled()) {
          throw new CallerGoneException();
        }
        readyOrGone.await();
      }
      responses.onNext(response);
    } finally {
      lock.unlock();
    }
  }

  private void start(RunRequest.Start start) throws InvalidRunException {
    if (started) {
      throw new InvalidRunException("only the first request can be 'start'");
    }
    started = true;
    Program program = Program.from(start, runner.config().maximum());
    executionId = start.getExecutionId();
    if (start.getStdinClosed()) {
      stdin.refuse();
    }
    Thread thread = Thread.ofVirtual().name("sandbox-run").unstarted(() -> serve(program));
    lock.lock();
    try {
      waiting = thread;
    } finally {
      lock.unlock();
    }
    thread.start();
    responses.request(REQUEST_WINDOW);
  }

  private void requireStart() throws InvalidRunException {
    if (!started) {
      throw new InvalidRunException("the first request must be 'start'");
    }
  }

  private void writeStdin(ByteString data) throws InvalidRunException {
    requireStart();
    if (!stdin.add(data)) {
      throw new InvalidRunException("standard input was closed; no more can be written");
    }
  }

  private void answer(RunRequest.ToolResult result) throws InvalidRunException {
    Run attached = attached();
    if (attached == null) {
      throw new InvalidRunException("the program has called no tool");
    }
    attached.tools().answer(result);
  }

  private void closeTools() {
    Run attached;
    lock.lock();
    try {
      toolsClosed = true;
      attached = run;
    } finally {
      lock.unlock();
    }
    if (attached != null) {
      attached.tools().close();
    }
  }

  private @Nullable Run attached() {
    lock.lock();
    try {
      return run;
    } finally {
      lock.unlock();
    }
  }

  private void serve(Program program) {
    try {
      Duration wait =
          hasDeadline
              ? Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)))
              : NO_DEADLINE;
      Completed completed = runner.run(program, this, wait, this::attach);
      finish(completed);
    } catch (SandboxException e) {
      fail(Statuses.of(e));
    } catch (InterruptedException e) {
      // Only this call interrupts its thread: it was cancelled before its program started.
      finishUnstarted();
    } catch (RuntimeException | Error e) {
      // The edge: whatever happens, the caller gets an answer.
      log.error("a run failed in the worker", e);
      fail(Statuses.internal());
    } finally {
      stdin.abandon();
      ended.accept(this);
    }
  }

  private void finishUnstarted() {
    try {
      finish(Outcomes.cancelledBeforeStart());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void finish(Completed completed) throws InterruptedException {
    InvalidRunException wrong;
    lock.lock();
    try {
      wrong = misuse;
    } finally {
      lock.unlock();
    }
    if (wrong != null) {
      fail(Statuses.of(wrong));
      return;
    }
    try {
      send(RunResponse.newBuilder().setCompleted(completed).build());
    } catch (CallerGoneException e) {
      log.debug("a caller left before its run's end was sent");
      return;
    }
    answer(responses::onCompleted);
  }

  private void fail(Throwable status) {
    answer(() -> responses.onError(status));
  }

  private void answer(Runnable end) {
    lock.lock();
    try {
      if (!answered && !responses.isCancelled()) {
        answered = true;
        end.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The program is about to start: from here on it can be stopped and given input. */
  private void attach(Run attached, Slot slot) {
    StopCause cause;
    boolean unserved;
    lock.lock();
    try {
      unserved = toolsClosed;
      run = attached;
      waiting = null;
      cause = stopped;
      // An interrupt that came too late to spare the start must not disturb what follows.
      Thread.interrupted();
    } finally {
      lock.unlock();
    }
    stdin.attach(slot.stdin());
    if (unserved) {
      attached.tools().close();
    }
    if (cause != null) {
      attached.stop(cause);
    }
  }

  private void stop(StopCause cause) {
    Run attached;
    lock.lock();
    try {
      if (stopped == null) {
        stopped = cause;
      }
      attached = run;
      if (waiting != null) {
        waiting.interrupt();
      }
    } finally {
      lock.unlock();
    }
    if (attached != null) {
      attached.stop(cause);
    }
  }

  private void misuse(InvalidRunException error) {
    boolean nothingRuns;
    lock.lock();
    try {
      misuse = error;
      nothingRuns = run == null;
    } finally {
      lock.unlock();
    }
    stop(StopCause.CANCELLED);
    if (nothingRuns) {
      fail(Statuses.of(error));
      ended.accept(this);
    }
  }

  private void wake() {
    lock.lock();
    try {
      readyOrGone.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
