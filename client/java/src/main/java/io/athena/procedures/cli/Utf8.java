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

  /** What keeps the bytes from being read as text, after their name; empty if nothing does. */
  static String problem(byte[] bytes) {
    if (bytes.length > 1
        && ((bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xfe)
            || (bytes[0] == (byte) 0xfe && bytes[1] == (byte) 0xff))) {
      return "is UTF-16; save it as UTF-8, such as with 'iconv -f UTF-16 -t UTF-8'";
    }
    if (bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
      return "is compressed; unpack it first, such as with 'gunzip'";
    }
    int bad = unreadableByte(bytes);
    return bad > 0 ? "is not UTF-8: byte %d cannot be read".formatted(bad) : "";
  }
}
