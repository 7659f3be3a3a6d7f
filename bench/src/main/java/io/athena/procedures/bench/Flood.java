package io.athena.procedures.bench;

import com.google.protobuf.ByteString;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What {@code flood.py} writes: so many blocks, each of which begins with its number, so that none
 * can be lost or mixed up. Thread-safe.
 */
final class Flood {
  static final int BLOCK = 64 * 1024;

  private static final int NUMBER = 16;

  private final long blocks;
  private final long checksum;

  Flood(long blocks) throws IOException {
    this.blocks = blocks;
    CRC32C made = new CRC32C();
    byte[] buffer = new byte[BLOCK];
    try (InputStream written = open()) {
      for (int count = written.read(buffer); count >= 0; count = written.read(buffer)) {
        made.update(buffer, 0, count);
      }
    }
    this.checksum = made.getValue();
  }

  long bytes() {
    return blocks * BLOCK;
  }

  long blocks() {
    return blocks;
  }

  /** The same bytes, made in this process. */
  InputStream open() {
    return new InputStream() {
      private final byte[] block = emptyBlock();
      private long next;

      @Override
      public int read() {
        throw new UnsupportedOperationException("blocks only");
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        if (length < BLOCK) {
          throw new IllegalArgumentException("a buffer must hold a block");
        }
        if (next == blocks) {
          return -1;
        }
        byte[] number = "%016d".formatted(next++).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(number, 0, block, 0, NUMBER);
        System.arraycopy(block, 0, buffer, offset, BLOCK);
        return BLOCK;
      }
    };
  }

  /**
   * Reads a pipe to its end.
   *
   * @throws IOException if what came is not what was written
   */
  void check(InputStream pipe) throws IOException {
    CRC32C came = new CRC32C();
    long bytes = 0;
    byte[] buffer = new byte[BLOCK];
    for (int count = pipe.read(buffer); count >= 0; count = pipe.read(buffer)) {
      bytes += count;
      came.update(buffer, 0, count);
    }
    require(bytes, came);
  }

  /**
   * Reads the events of a run to their end.
   *
   * @return the most memory that the program had, in bytes; 0 if nobody told
   * @throws IOException if what came is not what was written, or the run failed
   */
  long check(ExecutionStream events) throws IOException {
    CRC32C came = new CRC32C();
    long bytes = 0;
    long memory = 0;
    while (events.hasNext()) {
      ExecutionEvent event = events.next();
      if (event.hasOutput()) {
        ByteString data = event.getOutput().getData();
        bytes += data.size();
        for (ByteBuffer part : data.asReadOnlyByteBufferList()) {
          came.update(part);
        }
      } else if (event.hasCompleted()) {
        ExecutionEvent.Completed completed = event.getCompleted();
        if (completed.getOutcome() != Outcome.OUTCOME_SUCCESS) {
          throw new IOException("the run failed: " + completed.getFailure().getMessage());
        }
        memory = completed.getUsage().getPeakMemoryBytes();
      }
    }
    require(bytes, came);
    return memory;
  }

  private void require(long bytes, CRC32C came) throws IOException {
    if (bytes != bytes() || came.getValue() != checksum) {
      throw new IOException(
          "%,d bytes with checksum %08x came; %,d with %08x were written"
              .formatted(bytes, came.getValue(), bytes(), checksum));
    }
  }

  private static byte[] emptyBlock() {
    byte[] block = new byte[BLOCK];
    for (int index = 0; index < BLOCK; index++) {
      block[index] = (byte) index;
    }
    return block;
  }
}
