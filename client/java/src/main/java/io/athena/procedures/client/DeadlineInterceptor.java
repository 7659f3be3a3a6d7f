package io.athena.procedures.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Gives a deadline to every unary call that has none. Streams get none: a run lasts as long as its
 * own limits let it, and the service ends it there.
 */
final class DeadlineInterceptor implements ClientInterceptor {
  private final Duration deadline;

  DeadlineInterceptor(Duration deadline) {
    this.deadline = deadline;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
    return next.newCall(
        method,
        unary && options.getDeadline() == null
            ? options.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
            : options);
  }
}
