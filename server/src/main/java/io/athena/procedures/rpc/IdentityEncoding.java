package io.athena.procedures.rpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Refuses compressed requests: Helidon would hand one that spans several frames on as it came. */
final class IdentityEncoding implements ServerInterceptor {
  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ACCEPTED =
      Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    String encoding = headers.get(ENCODING);
    if (encoding == null || encoding.equals("identity")) {
      return next.startCall(call, headers);
    }
    Metadata trailers = new Metadata();
    trailers.put(ACCEPTED, "identity");
    call.close(
        Status.UNIMPLEMENTED.withDescription(
            "requests in encoding "
                + Details.cut(encoding, 40)
                + " are not taken; send them as identity"),
        trailers);
    return new ServerCall.Listener<>() {};
  }
}
