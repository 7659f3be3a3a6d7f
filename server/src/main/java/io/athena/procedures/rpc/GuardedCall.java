package io.athena.procedures.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that closes exactly once, whoever closes it first: its handler, its deadline, or an
 * exception. What is sent after that is dropped. Sending blocks while the caller does not read.
 * Thread-safe.
 */
final class GuardedCall<Q, S> extends SimpleForwardingServerCall<Q, S> {
  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  private static final Status UNREACHABLE =
      Status.CANCELLED.withDescription("the caller cannot be written to");

  /** Only slow readers are waited for; this is below what they would notice. */
  private static final long READY_POLL_NANOS = 500_000;

  private final Traits traits;
  private final StatusMapping mapping;
  private final Context.CancellableContext context;
  private final long readerPatienceNanos;
  private final @Nullable WatchedStream stream;

  /** Held while anything is written, which on Helidon may block. */
  private final ReentrantLock writing = new ReentrantLock();

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean unreachable;
  private boolean started;
  private @Nullable Runnable deferredClose;

  GuardedCall(
      ServerCall<Q, S> call,
      Traits traits,
      StatusMapping mapping,
      Context.CancellableContext context,
      long readerPatienceNanos,
      @Nullable WatchedStream stream) {
    super(call);
    this.traits = traits;
    this.mapping = mapping;
    this.context = context;
    this.readerPatienceNanos = readerPatienceNanos;
    this.stream = stream;
  }

  @Override
  public void sendHeaders(Metadata headers) {
    write(() -> super.sendHeaders(headers));
  }

  @Override
  public void sendMessage(S message) {
    if (traits.waitsUntilReady()) {
      awaitReader();
    }
    write(() -> super.sendMessage(message));
  }

  @Override
  public void close(Status status, Metadata trailers) {
    Throwable cause = mapping.causeToMap(status);
    if (cause != null) {
      fail(cause);
    } else {
      end(status, trailers);
    }
  }

  @Override
  public boolean isCancelled() {
    return closed || super.isCancelled();
  }

  boolean closed() {
    return closed;
  }

  /** Closes with the status that the table gives for the exception. */
  void fail(Throwable failure) {
    if (closed) {
      log.debug("{}: thrown after the end", getMethodDescriptor().getFullMethodName(), failure);
      return;
    }
    StatusRuntimeException mapped = mapping.map(failure, getMethodDescriptor().getFullMethodName());
    Metadata trailers = mapped.getTrailers();
    end(mapped.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  /** The transport knows the listener now: what was deferred is done. */
  void started() {
    @Nullable Runnable deferred;
    writing.lock();
    try {
      started = true;
      deferred = deferredClose;
      deferredClose = null;
    } finally {
      writing.unlock();
    }
    if (deferred != null) {
      deferred.run();
    }
  }

  /** The caller is gone: nothing is to be sent any more. */
  void cancelled(Status cause) {
    closed = true;
    finish(cause.asRuntimeException());
  }

  /** Returns when the call has ended. */
  void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(Status status, Metadata trailers) {
    writing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (traits.defersClose() && !started) {
        deferredClose = () -> sendEnd(status, trailers);
        return;
      }
    } finally {
      writing.unlock();
    }
    sendEnd(status, trailers);
  }

  private void sendEnd(Status status, Metadata trailers) {
    writing.lock();
    try {
      if (traits.encodesStatus()) {
        super.close(StatusEncoding.encode(status), StatusEncoding.encode(trailers));
      } else {
        super.close(status, trailers);
      }
    } catch (RuntimeException e) {
      log.debug("{}: the end could not be sent", getMethodDescriptor().getFullMethodName(), e);
      reset();
    } finally {
      writing.unlock();
      finish(null);
    }
  }

  private void write(Runnable action) {
    writing.lock();
    try {
      if (unreachable) {
        throw UNREACHABLE.asRuntimeException();
      }
      if (!closed) {
        action.run();
      }
    } catch (StatusRuntimeException e) {
      throw e;
    } catch (RuntimeException e) {
      log.debug("{}: a write failed", getMethodDescriptor().getFullMethodName(), e);
      // It may have failed half-way, and on Helidon nobody would tell the caller.
      giveUp(e);
      throw UNREACHABLE.withCause(e).asRuntimeException();
    } finally {
      writing.unlock();
    }
  }

  /**
   * Waits, outside of the lock, until the caller reads. Polls, because the transport tells only a
   * listener, whose thread may be the one that writes.
   */
  private void awaitReader() {
    long start = System.nanoTime();
    while (!closed && !super.isReady() && !super.isCancelled()) {
      if (System.nanoTime() - start > readerPatienceNanos) {
        end(UNREACHABLE.withDescription("the caller did not read for too long"), new Metadata());
        unreachable = true;
        return;
      }
      LockSupport.parkNanos(READY_POLL_NANOS);
    }
  }

  /** A handler that writes on must notice: its next writes throw. */
  private void giveUp(RuntimeException cause) {
    unreachable = true;
    cancelled(UNREACHABLE.withCause(cause));
    reset();
  }

  private void reset() {
    if (stream != null) {
      stream.reset();
    }
  }

  private void finish(@Nullable Throwable cause) {
    ended.countDown();
    context.cancel(cause);
  }
}
