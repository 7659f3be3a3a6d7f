package io.athena.procedures.generation.model;

import dev.langchain4j.exception.HttpException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An endpoint answered with a status that is no success. */
final class EndpointException extends HttpException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable Duration retryAfter;

  /**
   * With what it said.
   *
   * @param retryAfter how long it asks to wait, or null
   */
  EndpointException(int status, String message, @Nullable Duration retryAfter) {
    super(status, message);
    this.retryAfter = retryAfter;
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
