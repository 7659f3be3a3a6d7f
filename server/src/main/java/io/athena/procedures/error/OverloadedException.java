package io.athena.procedures.error;

import java.time.Duration;
import java.util.Map;

/** Too much is under way; nothing was started, and the call may be repeated after a while. */
public final class OverloadedException extends ServiceException {
  private final Duration retryAfter;

  /** With the time after which a repeat has a chance. */
  public OverloadedException(String reason, String message, Duration retryAfter) {
    super(reason, message, Map.of());
    this.retryAfter = retryAfter;
  }

  /** Time after which a repeat has a chance; positive. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
