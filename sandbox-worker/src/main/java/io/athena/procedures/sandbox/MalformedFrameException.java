package io.athena.procedures.sandbox;

import java.io.IOException;

/** The other side sent something that is no frame; from a program this is the program's failure. */
final class MalformedFrameException extends IOException {
  MalformedFrameException(String message) {
    super(message);
  }
}
