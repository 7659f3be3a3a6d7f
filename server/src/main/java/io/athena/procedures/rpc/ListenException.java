package io.athena.procedures.rpc;

/** The server cannot listen where it should; the message says why and what would help. */
public final class ListenException extends Exception {
  /** With one line for the person who starts the server. */
  public ListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
