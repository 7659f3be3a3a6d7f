package io.athena.procedures.rpc;

import io.grpc.Context;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands the caller's side of a call to its handler, in the call's Context, and turns what the
 * handler throws into a status.
 */
final class GuardedListener<Q> extends ServerCall.Listener<Q> {
  private final GuardedCall<Q, ?> call;
  private final Context.CancellableContext context;
  private final Traits traits;
  private final Executor threads;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile ServerCall.Listener<Q> handler = new ServerCall.Listener<>() {};

  GuardedListener(
      GuardedCall<Q, ?> call, Context.CancellableContext context, Traits traits, Executor threads) {
    this.call = call;
    this.context = context;
    this.traits = traits;
    this.threads = threads;
  }

  void serve(ServerCall.Listener<Q> started) {
    handler = started;
  }

  @Override
  public void onReady() {
    call.started();
    hand(() -> handler.onReady());
  }

  @Override
  public void onMessage(Q message) {
    hand(() -> handler.onMessage(message));
  }

  @Override
  public void onHalfClose() {
    hand(() -> handler.onHalfClose());
    if (traits.parksHandler()) {
      call.awaitEnd();
    }
  }

  /** Comes on the connection's own thread on Helidon, which must not be kept. */
  @Override
  public void onCancel() {
    threads.execute(() -> {
      call.cancelled(Status.CANCELLED.withDescription("the caller has gone"));
      callerLeft();
    });
  }

  @Override
  public void onComplete() {
    if (over.compareAndSet(false, true)) {
      context.run(() -> handler.onComplete());
    }
    context.cancel(null);
  }

  /** Tells the handler, once, that its caller no longer listens. */
  void callerLeft() {
    if (over.compareAndSet(false, true)) {
      context.run(() -> {
        try {
          handler.onCancel();
        } catch (RuntimeException e) {
          // The usual observers throw here on purpose to stop a handler that asks for nothing else.
          call.cancelled(Status.CANCELLED.withCause(e));
        }
      });
    }
  }

  private void hand(Runnable callback) {
    if (call.closed()) {
      return;
    }
    Context previous = context.attach();
    try {
      callback.run();
    } catch (Throwable failure) {
      call.fail(failure);
    } finally {
      context.detach(previous);
    }
  }
}
