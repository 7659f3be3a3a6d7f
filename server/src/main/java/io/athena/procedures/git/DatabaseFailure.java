package io.athena.procedures.git;

import java.io.IOException;

/** A statement on the tables of objects and refs failed; the cause says why. */
final class DatabaseFailure extends IOException {
  DatabaseFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
