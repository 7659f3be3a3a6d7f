package io.athena.procedures.client;

import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers of a call as they arrive. Reading blocks until the next one is there; a reader who pauses
 * slows the sender.
 *
 * <p>For one thread, but {@link #close} may be called by any. Closing before the end cancels the
 * call.
 *
 * @param <T> what arrives
 */
public final class ResponseStream<T> implements Iterator<T>, AutoCloseable {
  private final Source<T> source;
  private final Runnable canceller;
  private @Nullable T next;
  private boolean ended;

  private ResponseStream(Source<T> source, Runnable canceller) {
    this.source = source;
    this.canceller = canceller;
  }

  /** Where the answers come from. */
  private interface Source<T> {
    @Nullable T read() throws StatusException, InterruptedException;
  }

  static <R, T> ResponseStream<T> of(BlockingClientCall<?, R> call, Function<R, T> mapping) {
    return new ResponseStream<>(
        () -> {
          R response = call.read();
          return response == null ? null : mapping.apply(response);
        },
        () -> call.cancel("closed by the caller", null));
  }

  /**
   * Waits for the first answer, so that what keeps the call from being admitted is thrown here and
   * the call can be made again.
   */
  ResponseStream<T> awaitFirst() throws StatusException, InterruptedException {
    next = source.read();
    ended = next == null;
    return this;
  }

  /**
   * Says whether there is another answer; waits until that is known.
   *
   * @throws AthenaException if the call fails
   */
  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      try {
        awaitFirst();
      } catch (StatusException e) {
        ended = true;
        throw AthenaException.from(e);
      } catch (InterruptedException e) {
        close();
        throw Retries.interrupted(e);
      }
    }
    return next != null;
  }

  /**
   * Gives the next answer.
   *
   * @throws AthenaException if the call fails
   * @throws NoSuchElementException after the last one
   */
  @Override
  public T next() {
    T answer = hasNext() ? next : null;
    if (answer == null) {
      throw new NoSuchElementException("the stream has ended");
    }
    next = null;
    return answer;
  }

  /** Cancels the call unless it has ended. */
  @Override
  public void close() {
    canceller.run();
  }
}
