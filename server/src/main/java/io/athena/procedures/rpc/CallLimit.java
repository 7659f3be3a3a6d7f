package io.athena.procedures.rpc;

import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets so many calls in at a time, and none any more once the server stops. Must be inside of
 * {@link CallGuard}, whose Context ends with the call in every case. Thread-safe.
 */
final class CallLimit implements ServerInterceptor {
  private static final Duration RETRY_AFTER = Duration.ofMillis(500);

  private final int most;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition none = lock.newCondition();
  private int active;
  private boolean refusing;

  CallLimit(int most) {
    this.most = most;
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    enter();
    Context.current().addListener(ended -> leave(), Runnable::run);
    return next.startCall(call, headers);
  }

  /** From now on new calls fail with UNAVAILABLE. */
  void refuse() {
    lock.lock();
    try {
      refusing = true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no call is under way, or for the time given; gives how many are left. */
  int awaitNone(Duration limit) {
    lock.lock();
    try {
      long nanos = limit.toNanos();
      while (active > 0 && nanos > 0) {
        nanos = none.awaitNanos(nanos);
      }
      return active;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return active;
    } finally {
      lock.unlock();
    }
  }

  int active() {
    lock.lock();
    try {
      return active;
    } finally {
      lock.unlock();
    }
  }

  private void enter() {
    lock.lock();
    try {
      if (refusing) {
        throw new UnavailableException(
            "SHUTTING_DOWN",
            "the server is shutting down; repeat the call after a while",
            Map.of());
      }
      if (active >= most) {
        throw new OverloadedException(
            "TOO_MANY_CALLS",
            "the server has " + most + " calls under way and takes no more; repeat the call later",
            RETRY_AFTER);
      }
      active++;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      active--;
      if (active == 0) {
        none.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
