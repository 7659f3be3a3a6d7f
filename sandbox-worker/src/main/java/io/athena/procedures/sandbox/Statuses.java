package io.athena.procedures.sandbox;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;

/** The one table from why a program was not started to the gRPC status that says so. */
final class Statuses {
  private static final String DOMAIN = "procedures.athena";
  private static final Duration RETRY = Duration.ofSeconds(1);

  private Statuses() {}

  static StatusRuntimeException of(SandboxException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return switch (refusal) {
      case InvalidRunException _ -> status(Code.INVALID_ARGUMENT, "INVALID_RUN", message);
      case IsolationUnavailableException _ ->
          status(Code.FAILED_PRECONDITION, "ISOLATION_UNAVAILABLE", message);
      case PoolExhaustedException _ ->
          status(
              Code.RESOURCE_EXHAUSTED,
              "WORKER_BUSY",
              message,
              Any.pack(
                  RetryInfo.newBuilder().setRetryDelay(Times.fromNanos(RETRY.toNanos())).build()));
      case UnknownEnvironmentException _ ->
          status(Code.NOT_FOUND, "ENVIRONMENT_NOT_FOUND", message);
      case WorkerDrainingException _ -> status(Code.UNAVAILABLE, "WORKER_DRAINING", message);
    };
  }

  static StatusRuntimeException internal() {
    return status(Code.INTERNAL, "WORKER_FAILED", "the sandbox worker failed; its log tells why");
  }

  private static StatusRuntimeException status(
      Code code, String reason, String message, Any... details) {
    Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(message);
    status.addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).build()));
    for (Any detail : details) {
      status.addDetails(detail);
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
