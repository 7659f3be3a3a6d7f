package io.athena.procedures.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Measures calls by method and status, and how many are under way. */
final class CallMetrics implements ServerInterceptor {
  private record Kind(String method, Status.Code status) {}

  private final MeterRegistry registry;
  private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();
  private final AtomicInteger active = new AtomicInteger();

  CallMetrics(MeterRegistry registry) {
    this.registry = registry;
    registry.gauge("athena.grpc.calls.active", active);
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    long start = System.nanoTime();
    String method = call.getMethodDescriptor().getFullMethodName();
    AtomicBoolean ended = new AtomicBoolean();
    active.incrementAndGet();
    ServerCall<Q, S> measured =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            record(ended, method, status.getCode(), start);
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<>(next.startCall(measured, headers)) {
      @Override
      public void onCancel() {
        record(ended, method, Status.Code.CANCELLED, start);
        super.onCancel();
      }
    };
  }

  private void record(AtomicBoolean ended, String method, Status.Code status, long start) {
    if (ended.compareAndSet(false, true)) {
      active.decrementAndGet();
      timers
          .computeIfAbsent(new Kind(method, status), this::timer)
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(Kind kind) {
    return Timer.builder("athena.grpc.calls")
        .description("gRPC calls by method and status, from their start to their end")
        .tag("method", kind.method())
        .tag("status", kind.status().name())
        .publishPercentileHistogram(false)
        .register(registry);
  }
}
