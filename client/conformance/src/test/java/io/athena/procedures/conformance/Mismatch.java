package io.athena.procedures.conformance;

/** Something came that was not expected. */
final class Mismatch extends AssertionError {
  private static final long serialVersionUID = 1L;

  Mismatch(String message) {
    super(message);
  }

  Mismatch(String message, Throwable cause) {
    super(message, cause);
  }
}
