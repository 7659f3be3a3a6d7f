package io.athena.procedures.client;

import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.EventCase;
import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongFunction;

/**
 * The events of a watched execution, each once: when a connection breaks, watching goes on after
 * the last event seen. For one thread, but {@link #close} may be called by any.
 */
final class WatchedEvents implements Iterator<ExecutionEvent> {
  /** Calls in succession that may break without having brought an event. */
  private static final int MAX_BREAKS = 6;

  private final LongFunction<ResponseStream<ExecutionEvent>> watch;
  private volatile ResponseStream<ExecutionEvent> events;
  private volatile boolean closed;
  private long lastSequence;
  private boolean completed;
  private int breaks;

  /**
   * Begins to watch.
   *
   * @param watch calls the service for the events after a sequence number
   * @param afterSequence events up to this one are left out
   */
  WatchedEvents(LongFunction<ResponseStream<ExecutionEvent>> watch, long afterSequence) {
    this.watch = watch;
    this.lastSequence = afterSequence;
    this.events = watch.apply(afterSequence);
  }

  @Override
  public boolean hasNext() {
    while (!completed) {
      try {
        return events.hasNext();
      } catch (AthenaException e) {
        breaks++;
        if (closed || e.code() != Status.Code.UNAVAILABLE || breaks == MAX_BREAKS) {
          throw e;
        }
        Retries.pauseAfter(breaks, e);
        resume();
      }
    }
    return false;
  }

  @Override
  public ExecutionEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the execution has ended");
    }
    ExecutionEvent event = events.next();
    if (event.getEventCase() != EventCase.HEARTBEAT) {
      lastSequence = event.getSequence();
      breaks = 0;
    }
    completed = event.getEventCase() == EventCase.COMPLETED;
    return event;
  }

  void close() {
    closed = true;
    events.close();
  }

  private void resume() {
    events = watch.apply(lastSequence);
    // Whoever closed meanwhile has closed the broken one.
    if (closed) {
      events.close();
    }
  }
}
