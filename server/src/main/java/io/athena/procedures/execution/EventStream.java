package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionEvent;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Sends the events of one execution to one caller, at the caller's pace, with a Heartbeat where
 * nothing happens.
 *
 * @param <T> the response that carries an event
 */
final class EventStream<T> {
  /** How soon a caller that left is noticed where nothing says so; also bounds what it costs. */
  private static final Duration LOOK_AROUND = Duration.ofSeconds(1);

  private final StreamObserver<T> responses;
  private final Function<ExecutionEvent, T> wrapper;
  private final Duration heartbeat;
  private volatile boolean silenced;

  /**
   * @param heartbeat silence after which a Heartbeat is sent
   */
  EventStream(
      StreamObserver<T> responses, Function<ExecutionEvent, T> wrapper, Duration heartbeat) {
    this.responses = responses;
    this.wrapper = wrapper;
    this.heartbeat = heartbeat;
  }

  /**
   * Sends all events and ends the call; returns early if the caller has gone.
   *
   * @param afterSequence number of the event that the caller has seen last; 0 if none
   */
  void send(Executions.Attached attached, long afterSequence) throws InterruptedException {
    Context call = Context.current();
    Context.CancellationListener leaving = ended -> attached.leave(farewell(ended));
    call.addListener(leaving, Runnable::run);
    try {
      if (sendAll(attached.reader(), afterSequence)) {
        responses.onCompleted();
      }
    } catch (InterruptedException stopping) {
      attached.leave("The server stopped.");
      throw stopping;
    } finally {
      call.removeListener(leaving);
    }
  }

  /**
   * Sends nothing more and leaves the end of the call to the exception that is about to be thrown.
   */
  void silence() {
    silenced = true;
  }

  /** As {@link #send}, for a thread that has nobody to throw at. */
  void sendGuarded(Executions.Attached attached) {
    try {
      Interruptions.run(() -> send(attached, 0));
    } catch (RuntimeException failure) {
      responses.onError(failure);
    }
  }

  private boolean sendAll(EventReader reader, long afterSequence) throws InterruptedException {
    long sequence = afterSequence;
    long lastSent = System.nanoTime();
    while (!isGone()) {
      ExecutionEvent event = reader.next(shorter(heartbeat, LOOK_AROUND));
      if (event == null) {
        if (reader.ended()) {
          return true;
        }
        // A stream begins with Accepted: before it there is nothing to repeat.
        if (sequence == 0 || System.nanoTime() - lastSent < heartbeat.toNanos()) {
          continue;
        }
        event = heartbeat(sequence);
      }
      if (isGone()) {
        return false;
      }
      responses.onNext(wrapper.apply(event));
      if (event.hasCompleted()) {
        return true;
      }
      sequence = event.getSequence();
      lastSent = System.nanoTime();
    }
    return false;
  }

  private boolean isGone() {
    return silenced
        || (responses instanceof ServerCallStreamObserver<T> call && call.isCancelled());
  }

  private static String farewell(Context call) {
    return call.cancellationCause() instanceof TimeoutException
        ? "The deadline of the caller passed."
        : "The caller cancelled the call or went away.";
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static ExecutionEvent heartbeat(long sequence) {
    return ExecutionEvent.newBuilder()
        .setSequence(sequence)
        .setHeartbeat(ExecutionEvent.Heartbeat.getDefaultInstance())
        .build();
  }
}
