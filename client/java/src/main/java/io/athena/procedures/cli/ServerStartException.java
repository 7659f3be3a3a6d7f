package io.athena.procedures.cli;

import java.io.IOException;

/** A service that was started for a command ended before it was ready. */
final class ServerStartException extends IOException {
  private static final long serialVersionUID = 1L;

  ServerStartException(String message) {
    super(message);
  }
}
