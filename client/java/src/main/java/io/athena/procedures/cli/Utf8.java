package io.athena.procedures.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/** Bytes that should be text. */
final class Utf8 {
  private Utf8() {}

  /** The first byte that is not UTF-8, counted from 1; 0 if all are. */
  static int unreadableByte(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    // The decoder stops at what it cannot read.
    return decoder.decode(left, CharBuffer.allocate(bytes.length), true).isError()
        ? left.position() + 1
        : 0;
  }
}
