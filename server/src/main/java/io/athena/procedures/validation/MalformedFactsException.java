package io.athena.procedures.validation;

/** What a parser's process sent is no report of facts. */
final class MalformedFactsException extends Exception {
  MalformedFactsException(String message) {
    super(message);
  }
}
