package io.athena.procedures.rpc;

import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.error.ServiceException;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The first guard of every call. Gives it a Context that ends with the call, with its deadline or
 * with its caller; turns every exception into a status; makes up for what the transport leaves
 * undone.
 */
final class CallGuard implements ServerInterceptor {
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  private final Traits traits;
  private final StatusMapping mapping;
  private final ServerConfig.Grpc limits;
  private final ScheduledExecutorService timer;
  private final Executor threads;

  CallGuard(
      Traits traits,
      StatusMapping mapping,
      ServerConfig.Grpc limits,
      ScheduledExecutorService timer,
      Executor threads) {
    this.traits = traits;
    this.mapping = mapping;
    this.limits = limits;
    this.timer = timer;
    this.threads = threads;
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    Duration timeout = limits.maxCallDuration();
    ServiceException malformed = null;
    String header = traits.readsTimeout() ? headers.get(TIMEOUT) : null;
    if (header != null) {
      try {
        Duration asked = Timeouts.parse(header);
        timeout = asked.compareTo(timeout) < 0 ? asked : timeout;
      } catch (ServiceException e) {
        malformed = e;
      }
    }
    // The parent's own deadline, which Netty sets, stays in force where it is nearer.
    Context.CancellableContext context =
        Context.current()
            .withDeadline(Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS), timer);
    WatchedStream stream = WatchedStream.CURRENT.get();
    GuardedCall<Q, S> guarded =
        new GuardedCall<>(
            call, traits, mapping, context, limits.flowControlTimeout().toNanos(), stream);
    GuardedListener<Q> listener = new GuardedListener<>(guarded, context, traits, threads);
    if (stream != null) {
      stream.onRefusal(status -> guarded.close(status, new Metadata()));
    }
    context.addListener(ended -> expired(ended, guarded, listener), Runnable::run);
    if (malformed != null) {
      guarded.fail(malformed);
      return listener;
    }
    Context previous = context.attach();
    try {
      listener.serve(next.startCall(guarded, headers));
    } catch (Throwable failure) {
      guarded.fail(failure);
    } finally {
      context.detach(previous);
    }
    return listener;
  }

  /** Runs on the timer's thread or a caller's, neither of which may block. */
  private void expired(Context context, GuardedCall<?, ?> call, GuardedListener<?> listener) {
    if (call.closed()) {
      return;
    }
    threads.execute(() -> {
      Status status = io.grpc.Contexts.statusFromCancelled(context);
      if (status == null || status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
        call.cancelled(Status.CANCELLED.withDescription("the caller has gone"));
      } else {
        call.close(
            Status.DEADLINE_EXCEEDED.withDescription(
                "the call did not end before its deadline, or within the "
                    + limits.maxCallDuration()
                    + " that this server allows"),
            new Metadata());
      }
      listener.callerLeft();
    });
  }
}
