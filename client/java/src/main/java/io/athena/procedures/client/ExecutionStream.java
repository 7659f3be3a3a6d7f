package io.athena.procedures.client;

import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.EventCase;
import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The events of one execution as they happen, up to Completed. Heartbeats are left out.
 *
 * <p>Reading blocks until the next event is there; a reader who pauses slows the program. For one
 * thread, but {@link #close} may be called by any.
 */
public final class ExecutionStream implements Iterator<ExecutionEvent>, AutoCloseable {
  private final Iterator<ExecutionEvent> events;
  private final Runnable canceller;
  private @Nullable ExecutionEvent next;

  private ExecutionStream(Iterator<ExecutionEvent> events, Runnable canceller) {
    this.events = events;
    this.canceller = canceller;
  }

  /** The events of one call. */
  static ExecutionStream of(ResponseStream<ExecutionEvent> events) {
    return new ExecutionStream(events, events::close);
  }

  /** The events of as many calls as it takes. */
  static ExecutionStream of(WatchedEvents events) {
    return new ExecutionStream(events, events::close);
  }

  /**
   * Says whether there is another event; waits until that is known.
   *
   * @throws AthenaException if the call fails
   */
  @Override
  public boolean hasNext() {
    while (next == null && events.hasNext()) {
      ExecutionEvent event = events.next();
      if (event.getEventCase() != EventCase.HEARTBEAT) {
        next = event;
      }
    }
    return next != null;
  }

  /**
   * Gives the next event.
   *
   * @throws AthenaException if the call fails
   * @throws NoSuchElementException after Completed
   */
  @Override
  public ExecutionEvent next() {
    ExecutionEvent event = hasNext() ? next : null;
    if (event == null) {
      throw new NoSuchElementException("the execution has ended");
    }
    next = null;
    return event;
  }

  /**
   * Reads on to the end, for callers who want nothing but the outcome.
   *
   * @throws AthenaException if the call fails, or ends without an outcome
   */
  public Completed awaitCompleted() {
    while (hasNext()) {
      ExecutionEvent event = next();
      if (event.getEventCase() == EventCase.COMPLETED) {
        return event.getCompleted();
      }
    }
    throw AthenaException.from(
        Status.DATA_LOSS
            .withDescription("the service ended the stream without telling an outcome")
            .asException());
  }

  /**
   * Leaves the stream. If it is that of a call which runs a procedure and has not ended, the
   * program is killed and its execution recorded as cancelled; leaving a watched execution does not
   * touch it.
   */
  @Override
  public void close() {
    canceller.run();
  }
}
