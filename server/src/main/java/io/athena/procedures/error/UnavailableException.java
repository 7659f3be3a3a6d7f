package io.athena.procedures.error;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server cannot answer now, through no fault of the call. */
public final class UnavailableException extends ServiceException {
  private final transient @Nullable Duration retryAfter;

  /** With a stable {@code reason}, a message for people, and values for programs. */
  public UnavailableException(String reason, String message, Map<String, String> metadata) {
    super(reason, message, metadata);
    this.retryAfter = null;
  }

  /** With the time before which a repeat has no chance. */
  public UnavailableException(
      String reason, String message, Map<String, String> metadata, Duration retryAfter) {
    super(reason, message, metadata);
    this.retryAfter = retryAfter;
  }

  /** Time after which a repeat has a chance; empty if it is not known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
