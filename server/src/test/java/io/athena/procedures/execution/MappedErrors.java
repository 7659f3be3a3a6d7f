package io.athena.procedures.execution;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.NotYetAvailableException;
import io.athena.procedures.error.OverloadedException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnauthenticatedException;
import io.athena.procedures.error.UnavailableException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Shows domain exceptions as clients see them, without the rest of the edge. */
final class MappedErrors implements ServerInterceptor {
  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    ServerCall<Q, S> mapping =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (status.getCause() instanceof ServiceException failure) {
              closeWith(call, failure);
            } else {
              super.close(status, trailers);
            }
          }
        };
    return new SimpleForwardingServerCallListener<>(next.startCall(mapping, headers)) {
      @Override
      public void onMessage(Q message) {
        mapped(call, () -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        mapped(call, super::onHalfClose);
      }
    };
  }

  private static void mapped(ServerCall<?, ?> call, Runnable handler) {
    try {
      handler.run();
    } catch (ServiceException failure) {
      closeWith(call, failure);
    }
  }

  private static void closeWith(ServerCall<?, ?> call, ServiceException failure) {
    StatusRuntimeException status =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(code(failure).getNumber())
                .setMessage(String.valueOf(failure.getMessage()))
                .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(failure.reason()).build()))
                .build());
    Metadata trailers = status.getTrailers();
    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  private static Code code(ServiceException failure) {
    return switch (failure) {
      case AbortedException e -> Code.ABORTED;
      case AlreadyExistsException e -> Code.ALREADY_EXISTS;
      case FailedPreconditionException e -> Code.FAILED_PRECONDITION;
      case InvalidArgumentException e -> Code.INVALID_ARGUMENT;
      case NotFoundException e -> Code.NOT_FOUND;
      case NotYetAvailableException e -> Code.UNIMPLEMENTED;
      case OverloadedException e -> Code.RESOURCE_EXHAUSTED;
      case UnauthenticatedException e -> Code.UNAUTHENTICATED;
      case UnavailableException e -> Code.UNAVAILABLE;
    };
  }
}
