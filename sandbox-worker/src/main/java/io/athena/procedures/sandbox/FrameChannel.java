package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection that carries frames: four bytes of length, one byte of kind, then the payload.
 *
 * <p>One thread may receive; any may send or close.
 */
final class FrameChannel implements Closeable {
  private static final int HEADER = 5;

  private final SocketChannel channel;
  private final ReentrantLock sending = new ReentrantLock();
  private final ByteBuffer received = ByteBuffer.allocate(8192).limit(0);

  FrameChannel(SocketChannel channel) {
    this.channel = channel;
  }

  void send(FrameKind kind, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length);
    frame.putInt(payload.length).put(kind.code()).put(payload).flip();
    sending.lock();
    try {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    } finally {
      sending.unlock();
    }
  }

  /**
   * Waits for the next frame; null when the other side has closed the connection.
   *
   * @throws MalformedFrameException if what came is no frame of a known kind and allowed size
   */
  @Nullable Frame receive() throws IOException {
    if (!fill(HEADER)) {
      if (received.hasRemaining()) {
        throw new MalformedFrameException("the connection ended inside a frame");
      }
      return null;
    }
    int length = received.getInt();
    byte code = received.get();
    FrameKind kind = FrameKind.of(code);
    if (kind == null) {
      throw new MalformedFrameException("a frame is of the unknown kind " + code);
    }
    if (length < 0 || length > kind.largestReceived()) {
      throw new MalformedFrameException(
          "a frame of kind %s has %d bytes; at most %d are taken"
              .formatted(kind, Integer.toUnsignedLong(length), kind.largestReceived()));
    }
    return new Frame(kind, payload(length));
  }

  /** Tells the other side that nothing more will be sent. */
  void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private ByteString payload(int length) throws IOException {
    byte[] bytes = new byte[length];
    int buffered = Math.min(length, received.remaining());
    received.get(bytes, 0, buffered);
    ByteBuffer rest = ByteBuffer.wrap(bytes, buffered, length - buffered);
    while (rest.hasRemaining()) {
      if (channel.read(rest) < 0) {
        throw new MalformedFrameException("the connection ended inside a frame");
      }
    }
    return com.google.protobuf.UnsafeByteOperations.unsafeWrap(bytes);
  }

  private boolean fill(int wanted) throws IOException {
    if (received.remaining() >= wanted) {
      return true;
    }
    received.compact();
    try {
      while (received.position() < wanted) {
        if (channel.read(received) < 0) {
          return false;
        }
      }
      return true;
    } catch (EOFException e) {
      return false;
    } finally {
      received.flip();
    }
  }
}
