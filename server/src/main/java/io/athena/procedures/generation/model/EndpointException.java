package io.athena.procedures.generation.model;

import dev.langchain4j.exception.HttpException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An endpoint answered with a status that is no success, or with no stream of events. */
final class EndpointException extends HttpException {
  private static final long serialVersionUID = 1;

  private final transient URI asked;
  private final transient ErrorBody body;
  private final String location;
  private final transient @Nullable Duration retryAfter;

  /**
   * With what it said.
   *
   * @param asked the address that was asked
   * @param location where it sends one; empty if nowhere
   * @param retryAfter how long it asks to wait, or null
   */
  EndpointException(
      int status, URI asked, ErrorBody body, String location, @Nullable Duration retryAfter) {
    super(status, body.message());
    this.asked = asked;
    this.body = body;
    this.location = location;
    this.retryAfter = retryAfter;
  }

  URI asked() {
    return asked;
  }

  ErrorBody body() {
    return body;
  }

  String location() {
    return location;
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
