package io.athena.procedures.rpc;

import io.athena.procedures.error.InvalidArgumentException;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves the failure to decode a request from the transport, which would leave the call without a
 * status, to the listener, where the guards turn it into one.
 */
final class Decoding {
  /** A message, or why there is none. */
  private record Decoded<T>(@Nullable T message, @Nullable Exception failure) {}

  private Decoding() {}

  static ServerServiceDefinition guard(ServerServiceDefinition service) {
    ServiceDescriptor descriptor = service.getServiceDescriptor();
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(guarded(method)));
    ServiceDescriptor.Builder guarded =
        ServiceDescriptor.newBuilder(descriptor.getName())
            .setSchemaDescriptor(descriptor.getSchemaDescriptor());
    methods.forEach(method -> guarded.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(guarded.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  private static <Q, S> ServerMethodDefinition<Decoded<Q>, S> guarded(
      ServerMethodDefinition<Q, S> method) {
    return ServerMethodDefinition.create(
        guard(method.getMethodDescriptor()), new Handler<>(method.getServerCallHandler(), method));
  }

  private static <Q, S> MethodDescriptor<Decoded<Q>, S> guard(MethodDescriptor<Q, S> method) {
    return method.toBuilder(
            new DecodedMarshaller<>(method.getRequestMarshaller()), method.getResponseMarshaller())
        .build();
  }

  private record DecodedMarshaller<Q>(MethodDescriptor.Marshaller<Q> marshaller)
      implements MethodDescriptor.Marshaller<Decoded<Q>> {
    @Override
    public InputStream stream(Decoded<Q> value) {
      throw new UnsupportedOperationException("a server only reads requests");
    }

    @Override
    public Decoded<Q> parse(InputStream stream) {
      try {
        return new Decoded<>(marshaller.parse(stream), null);
      } catch (RuntimeException e) {
        return new Decoded<>(null, e);
      }
    }
  }

  private record Handler<Q, S>(ServerCallHandler<Q, S> handler, ServerMethodDefinition<Q, S> method)
      implements ServerCallHandler<Decoded<Q>, S> {
    @Override
    public ServerCall.Listener<Decoded<Q>> startCall(
        ServerCall<Decoded<Q>, S> call, Metadata headers) {
      ServerCall.Listener<Q> listener =
          handler.startCall(new PlainCall<>(call, method.getMethodDescriptor()), headers);
      return new DecodedListener<>(listener);
    }
  }

  private static final class DecodedListener<Q> extends ForwardingServerCallListener<Decoded<Q>> {
    private final ServerCall.Listener<Q> listener;

    DecodedListener(ServerCall.Listener<Q> listener) {
      this.listener = listener;
    }

    @Override
    @SuppressWarnings("unchecked") // Only onMessage looks at the type, and that is not forwarded.
    protected ServerCall.Listener<Decoded<Q>> delegate() {
      return (ServerCall.Listener<Decoded<Q>>) (ServerCall.Listener<?>) listener;
    }

    @Override
    public void onMessage(Decoded<Q> decoded) {
      Q message = decoded.message();
      if (message == null) {
        throw new InvalidArgumentException(
            "MALFORMED_MESSAGE",
            List.of(
                new InvalidArgumentException.Violation("request", "is no valid Protobuf message")));
      }
      listener.onMessage(message);
    }
  }

  /** The call as its handler knows it. */
  private static final class PlainCall<Q, S> extends ServerCall<Q, S> {
    private final ServerCall<Decoded<Q>, S> call;
    private final MethodDescriptor<Q, S> method;

    PlainCall(ServerCall<Decoded<Q>, S> call, MethodDescriptor<Q, S> method) {
      this.call = call;
      this.method = method;
    }

    @Override
    public void request(int messages) {
      call.request(messages);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      call.sendHeaders(headers);
    }

    @Override
    public void sendMessage(S message) {
      call.sendMessage(message);
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      call.close(status, trailers);
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public Attributes getAttributes() {
      return call.getAttributes();
    }

    @Override
    public @Nullable String getAuthority() {
      return call.getAuthority();
    }

    @Override
    public MethodDescriptor<Q, S> getMethodDescriptor() {
      return method;
    }
  }
}
