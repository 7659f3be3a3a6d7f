package io.athena.procedures.execution;

import io.athena.sandbox.v1.RunRequest;
import io.athena.sandbox.v1.RunResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A program on a worker: one {@code Run} call, or a second one if the first was refused. Responses
 * are asked for a few at a time, so a reader that does not take them stops the program. One thread
 * reads; {@link #send}, {@link #cancel} and {@link #kill} may come from any.
 */
final class SandboxRun implements ClientResponseObserver<RunRequest, RunResponse> {
  /** Enough that the next response is on its way while one is handled; each is at most 64 KiB. */
  private static final int RESPONSES_AHEAD = 8;

  private final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private final Calls calls;
  private volatile @Nullable ClientCallStreamObserver<RunRequest> requests;
  private boolean answered;
  private boolean hasSaidMore;
  private boolean closed;

  /** Who makes the calls. */
  interface Calls {
    /** A call was refused before anything came of it; true if another one has been made. */
    boolean madeAgain(SandboxRun run, Status refusal);

    /** The program is to be killed, and the call itself takes nothing more for now. */
    void cancelBeside();

    /** The last call is over. */
    void ended();
  }

  /** What comes from the worker. */
  sealed interface Message {
    /** The program did something. */
    record Response(RunResponse response) implements Message {}

    /** The call is over; OK after {@code completed}. */
    record Ended(Status status, @Nullable Metadata trailers) implements Message {}
  }

  SandboxRun(Calls calls) {
    this.calls = calls;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<RunRequest> stream) {
    requests = stream;
    stream.disableAutoRequestWithInitial(RESPONSES_AHEAD);
    stream.setOnReadyHandler(this::signal);
  }

  @Override
  public void onNext(RunResponse response) {
    answered = true;
    messages.add(new Message.Response(response));
  }

  @Override
  public void onError(Throwable failure) {
    end(Status.fromThrowable(failure), Status.trailersFromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end(Status.OK, null);
  }

  private void end(Status status, @Nullable Metadata trailers) {
    lock.lock();
    try {
      // What was said to the first worker, the next would not hear.
      if (!answered && !hasSaidMore && calls.madeAgain(this, status)) {
        return;
      }
      closed = true;
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    calls.ended();
    messages.add(new Message.Ended(status, trailers));
  }

  private void signal() {
    lock.lock();
    try {
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next message; null if none came in time. After {@code Ended} nothing comes. */
  @Nullable Message next(Duration patience) throws InterruptedException {
    Message message = messages.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    return message == null ? null : taken(message);
  }

  /** The next message if it is output that is here already and fits; null otherwise. */
  @Nullable RunResponse nextOutput(io.athena.procedures.v1.OutputStream stream, int mostBytes) {
    if (messages.peek() instanceof Message.Response(RunResponse response)
        && response.hasOutput()
        && response.getOutput().getStream() == stream
        && response.getOutput().getData().size() <= mostBytes) {
      taken(messages.remove());
      return response;
    }
    return null;
  }

  private Message taken(Message message) {
    if (message instanceof Message.Response) {
      call().request(1);
    }
    return message;
  }

  /** Sends a request; waits while the worker takes no more. Does nothing if the call is over. */
  void send(RunRequest request) throws InterruptedException {
    lock.lock();
    try {
      while (!closed && !call().isReady()) {
        ready.await();
      }
      sendNow(request);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks for the end of the program; its {@code completed} follows. Where the call is full of input
   * that the program does not read, it is asked for beside it.
   */
  void cancel() {
    lock.lock();
    try {
      if (!closed && !call().isReady()) {
        calls.cancelBeside();
      }
      sendNow(RunRequest.newBuilder().setCancel(RunRequest.Cancel.getDefaultInstance()).build());
    } finally {
      lock.unlock();
    }
  }

  /** Breaks the call off; the worker kills the program, and {@code Ended} follows. */
  void kill(String reason) {
    lock.lock();
    try {
      hasSaidMore = true;
    } finally {
      lock.unlock();
    }
    call().cancel(reason, null);
  }

  private void sendNow(RunRequest request) {
    if (closed) {
      return;
    }
    hasSaidMore = true;
    try {
      call().onNext(request);
    } catch (IllegalStateException | StatusRuntimeException callIsOver) {
      // Its end is on the way to the reader.
      closed = true;
    }
  }

  private ClientCallStreamObserver<RunRequest> call() {
    ClientCallStreamObserver<RunRequest> call = requests;
    if (call == null) {
      throw new IllegalStateException("the call was not started");
    }
    return call;
  }
}
