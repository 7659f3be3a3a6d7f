package io.athena.procedures.rpc;

/**
 * Takes GOAWAY frames out of what a client sends. It says with one that it will start no more
 * calls, and waits for those under way; Helidon ends the connection at once, and them with it.
 * Without the frame, the connection lives until the client closes it. Not thread-safe.
 */
final class GoAwayFilter {
  private static final int PREFACE = 24;
  private static final int HEADER = 9;
  private static final int TYPE = 3;
  private static final int GOAWAY = 7;

  /** Not assigned; RFC 9113 section 4.1 has receivers ignore it, and Helidon does. */
  private static final byte IGNORED = (byte) 0xfa;

  /** Bytes before the next frame's header. */
  private long left = PREFACE;

  private int headerBytes;
  private int length;

  /** Changes the bytes that were received next, in place. */
  void filter(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        int skipped = (int) Math.min(left, bytes.length - at);
        left -= skipped;
        at += skipped;
        continue;
      }
      int next = bytes[at] & 0xff;
      if (headerBytes < TYPE) {
        length = length << 8 | next;
      } else if (headerBytes == TYPE && next == GOAWAY) {
        bytes[at] = IGNORED;
      }
      at++;
      if (++headerBytes == HEADER) {
        left = length;
        headerBytes = 0;
        length = 0;
      }
    }
  }
}
