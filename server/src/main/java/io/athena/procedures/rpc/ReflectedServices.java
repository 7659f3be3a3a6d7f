package io.athena.procedures.rpc;

import io.grpc.Contexts;
import io.grpc.InternalServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tells grpc-java's reflection service what there is to reflect. It looks for that in a {@link
 * Server}, which only grpc-java's own transports put into the Context.
 */
final class ReflectedServices implements ServerInterceptor {
  private final Server described;

  ReflectedServices(List<ServerServiceDefinition> services) {
    this.described = new DescribedServer(services);
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    return Contexts.interceptCall(
        io.grpc.Context.current().withValue(InternalServer.SERVER_CONTEXT_KEY, described),
        call,
        headers,
        next);
  }

  /** A list of services in the shape of a server; it is never started. */
  private static final class DescribedServer extends Server {
    private final List<ServerServiceDefinition> services;

    DescribedServer(List<ServerServiceDefinition> services) {
      this.services = List.copyOf(services);
    }

    @Override
    public List<ServerServiceDefinition> getServices() {
      return services;
    }

    @Override
    public List<ServerServiceDefinition> getImmutableServices() {
      return services;
    }

    @Override
    public List<ServerServiceDefinition> getMutableServices() {
      return List.of();
    }

    @Override
    public Server start() {
      return this;
    }

    @Override
    public Server shutdown() {
      return this;
    }

    @Override
    public Server shutdownNow() {
      return this;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }

    @Override
    public void awaitTermination() {}
  }
}
