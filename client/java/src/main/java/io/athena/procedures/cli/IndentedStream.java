package io.athena.procedures.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Puts a mark before every line of what somebody else writes, without waiting for its end. */
final class IndentedStream extends OutputStream {
  private final OutputStream target;
  private final byte[] mark;
  private boolean atLineStart = true;

  IndentedStream(OutputStream target, String mark) {
    this.target = target;
    this.mark = mark.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (atLineStart) {
        target.write(bytes, from, i - from);
        target.write(mark);
        from = i;
      }
      atLineStart = bytes[i] == '\n';
    }
    target.write(bytes, from, end - from);
  }
}
