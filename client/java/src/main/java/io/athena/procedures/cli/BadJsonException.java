package io.athena.procedures.cli;

import java.io.IOException;

/** A text is no JSON, or holds what the API cannot carry; the message says where and why. */
final class BadJsonException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean wellFormed;

  BadJsonException(String message, boolean wellFormed) {
    super(message);
    this.wellFormed = wellFormed;
  }

  BadJsonException(String message, Throwable cause) {
    super(message, cause);
    this.wellFormed = true;
  }

  /** True if it is JSON nevertheless, and nobody can have meant other text. */
  boolean wellFormed() {
    return wellFormed;
  }
}
