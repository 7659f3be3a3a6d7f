package io.athena.procedures.rpc;

import io.athena.procedures.error.OverloadedException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.HttpMediaTypes;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;

/**
 * Answers for handlers over HTTP that threw: by the table that gRPC has, its status turned into
 * that of HTTP as {@code google/rpc/code.proto} pairs them. The message is plain text, which git
 * clients show to their users.
 */
final class HttpFailures {
  private final StatusMapping statuses;

  HttpFailures(StatusMapping statuses) {
    this.statuses = statuses;
  }

  void addTo(HttpRouting.Builder routing) {
    routing.error(HttpException.class, this::answer);
    routing.error(Throwable.class, this::answer);
  }

  /** What Helidon itself refuses. */
  private void answer(ServerRequest request, ServerResponse response, HttpException failure) {
    failure.headers().forEach(response::header);
    if (!failure.keepAlive() || isUnread(request)) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    response.status(failure.status());
    text(response, String.valueOf(failure.getMessage()));
  }

  private void answer(ServerRequest request, ServerResponse response, Throwable failure) {
    String method = request.prologue().method().text() + " " + request.path().absolute().path();
    StatusRuntimeException status = statuses.map(failure, method);
    if (failure instanceof OverloadedException overloaded) {
      long seconds = Math.max(1, overloaded.retryAfter().toSeconds());
      response.header(HeaderValues.create(HeaderNames.RETRY_AFTER, Long.toString(seconds)));
    }
    if (isUnread(request)) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    response.status(httpStatus(status.getStatus().getCode()));
    text(response, String.valueOf(status.getStatus().getDescription()));
  }

  /**
   * Over HTTP/1 the server closes a connection whose request it did not read to its end: a client
   * that is not told would send its next request there.
   */
  private static boolean isUnread(ServerRequest request) {
    return request.prologue().protocolVersion().startsWith("1.")
        && request.content().hasEntity()
        && !request.content().consumed();
  }

  private static io.helidon.http.Status httpStatus(Status.Code code) {
    return switch (code) {
      case OK -> io.helidon.http.Status.OK_200;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE ->
          io.helidon.http.Status.BAD_REQUEST_400;
      case UNAUTHENTICATED -> io.helidon.http.Status.UNAUTHORIZED_401;
      case PERMISSION_DENIED -> io.helidon.http.Status.FORBIDDEN_403;
      case NOT_FOUND -> io.helidon.http.Status.NOT_FOUND_404;
      case ABORTED, ALREADY_EXISTS -> io.helidon.http.Status.CONFLICT_409;
      case RESOURCE_EXHAUSTED -> io.helidon.http.Status.TOO_MANY_REQUESTS_429;
      case UNIMPLEMENTED -> io.helidon.http.Status.NOT_IMPLEMENTED_501;
      case UNAVAILABLE -> io.helidon.http.Status.SERVICE_UNAVAILABLE_503;
      case DEADLINE_EXCEEDED -> io.helidon.http.Status.GATEWAY_TIMEOUT_504;
      case CANCELLED, UNKNOWN, INTERNAL, DATA_LOSS ->
          io.helidon.http.Status.INTERNAL_SERVER_ERROR_500;
    };
  }

  private static void text(ServerResponse response, String message) {
    response.headers().contentType(HttpMediaTypes.PLAINTEXT_UTF_8);
    response.send((message + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
