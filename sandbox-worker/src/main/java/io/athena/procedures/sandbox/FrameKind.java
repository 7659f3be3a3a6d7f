package io.athena.procedures.sandbox;

import org.jspecify.annotations.Nullable;

/** Kinds of messages between worker and slot; the other end is {@code athena_harness/frames.py}. */
enum FrameKind {
  LIMIT('S', 0),
  KILL('K', 0),
  CALL('C', 0),
  FILE('F', 0),
  TOOL_RESULT('Y', 0),
  READY('R', 0),
  RUNNING('G', 0),
  REFUSED('X', 64 * 1024),
  ENDED('E', 4 * 1024),
  PROGRESS('P', 512 * 1024),
  LOG('L', 1024 * 1024),
  TOOL_CALL('O', 2 * 1024 * 1024),
  ARTIFACT('B', 4 * 1024),
  ARTIFACT_DATA('D', 64 * 1024),
  RETURNED('V', 1024 * 1024),
  RAISED('T', 1024 * 1024),
  UNUSABLE('I', 64 * 1024),
  FACTS('A', 32 * 1024 * 1024);

  private final byte code;
  private final int largestReceived;

  FrameKind(char code, int largestReceived) {
    this.code = (byte) code;
    this.largestReceived = largestReceived;
  }

  byte code() {
    return code;
  }

  /**
   * Largest payload that is accepted from a slot: what a program sends is bounded before it is
   * read.
   */
  int largestReceived() {
    return largestReceived;
  }

  static @Nullable FrameKind of(byte code) {
    for (FrameKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    return null;
  }
}
