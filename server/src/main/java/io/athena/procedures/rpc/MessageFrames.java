package io.athena.procedures.rpc;

import io.grpc.Status;
import io.helidon.common.buffers.BufferData;
import org.jspecify.annotations.Nullable;

/**
 * Follows the lengths of gRPC messages through DATA frames, since Helidon answers neither one that
 * is too large nor one that is compressed. Not thread-safe.
 */
final class MessageFrames {
  private static final int PREFIX = 5;

  private final int maxMessageSize;
  private long left;
  private int prefixBytes;
  private boolean compressed;
  private long length;

  MessageFrames(int maxMessageSize) {
    this.maxMessageSize = maxMessageSize;
  }

  /** Looks at a frame without consuming it; gives the reason to refuse its call, or null. */
  @Nullable Status examine(BufferData data) {
    int available = data.available();
    int at = 0;
    while (at < available) {
      if (left > 0) {
        int skipped = (int) Math.min(left, available - at);
        left -= skipped;
        at += skipped;
        continue;
      }
      int next = data.get(at++) & 0xff;
      if (prefixBytes == 0) {
        compressed = next != 0;
        length = 0;
      } else {
        length = length << 8 | next;
      }
      if (++prefixBytes == PREFIX) {
        prefixBytes = 0;
        left = length;
        Status refused = judge();
        if (refused != null) {
          return refused;
        }
      }
    }
    return null;
  }

  private @Nullable Status judge() {
    if (length > maxMessageSize) {
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "the message of " + length + " bytes is larger than the " + maxMessageSize + " allowed");
    }
    if (compressed) {
      return Status.INTERNAL.withDescription(
          "the message says it is compressed, but the call names no encoding");
    }
    return null;
  }
}
