package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries standard input to a program at the program's pace. What it holds is bounded by its
 * caller, who may add as many pieces as {@code written} has asked for.
 */
final class StdinWriter {
  private final Runnable written;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<ByteString> pieces = new ArrayDeque<>();
  private @Nullable SocketChannel channel;
  private boolean hasThread;
  private boolean closed;
  private boolean abandoned;

  /**
   * Makes a writer for a program that has not started.
   *
   * @param written called after each piece that was written or dropped
   */
  StdinWriter(Runnable written) {
    this.written = written;
  }

  /** Adds a piece; false if standard input was closed. */
  boolean add(ByteString piece) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      pieces.addLast(piece);
      work();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends standard input after what was added. */
  void close() {
    lock.lock();
    try {
      closed = true;
      work();
    } finally {
      lock.unlock();
    }
  }

  /** There is no standard input: its end is set by other means. */
  void refuse() {
    lock.lock();
    try {
      closed = true;
      hasThread = true;
    } finally {
      lock.unlock();
    }
  }

  /** The program can be written to from now on. */
  void attach(SocketChannel stdin) {
    lock.lock();
    try {
      channel = stdin;
      if (closed || !pieces.isEmpty()) {
        work();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The program is gone. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    if (channel != null && !hasThread) {
      hasThread = true;
      var _ = Thread.ofVirtual().name("sandbox-stdin").start(this::writeAll);
    }
    changed.signalAll();
  }

  private void writeAll() {
    try {
      while (true) {
        SocketChannel target;
        ByteString piece;
        lock.lockInterruptibly();
        try {
          while (pieces.isEmpty() && !closed && !abandoned) {
            changed.await();
          }
          target = channel;
          if (abandoned || target == null) {
            return;
          }
          piece = pieces.pollFirst();
        } finally {
          lock.unlock();
        }
        if (piece == null) {
          shutdown(target);
          return;
        }
        write(target, piece);
        written.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(SocketChannel target, ByteString piece) {
    try {
      for (ByteBuffer buffer : piece.asReadOnlyByteBufferList()) {
        while (buffer.hasRemaining()) {
          target.write(buffer);
        }
      }
    } catch (IOException e) {
      // The program has closed its standard input or ended: as with a pipe, what it does not read
      // is lost.
    }
  }

  private static void shutdown(SocketChannel target) {
    try {
      target.shutdownOutput();
    } catch (IOException e) {
      // As above.
    }
  }
}
