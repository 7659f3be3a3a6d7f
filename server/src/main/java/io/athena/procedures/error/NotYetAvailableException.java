package io.athena.procedures.error;

import java.util.Map;

/** The method belongs to the API but not to this version of the server. */
public final class NotYetAvailableException extends ServiceException {
  /** For the method of that simple name. */
  public NotYetAvailableException(String method) {
    super(
        "NOT_YET_AVAILABLE",
        method + " is not available in this version of the server",
        Map.of("method", method));
  }
}
