package io.athena.procedures.auth;

import org.jspecify.annotations.Nullable;

/** The file of tokens cannot be used; the message says why and holds no token. */
public final class TokenFileException extends Exception {
  TokenFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
