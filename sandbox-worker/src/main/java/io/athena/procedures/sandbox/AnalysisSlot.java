package io.athena.procedures.sandbox;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A slot whose program is the harness's own analyzer. One thread at a time may ask it. */
final class AnalysisSlot {
  private static final Logger log = LoggerFactory.getLogger(AnalysisSlot.class);

  /** Exit status of {@code analysis.py} after a request whose process did not end well. */
  static final int REQUEST_FAILED = 114;

  private final Slot slot;
  private final Duration longest;
  private final ScheduledExecutorService timer;
  private final Duration grace;
  private final AtomicInteger uses = new AtomicInteger();
  private volatile boolean timedOut;
  private volatile long restingSince;

  /** What came of a request. */
  sealed interface Answer {
    /** The parser's answer. */
    record Facts(Frame frame) implements Answer {}

    /** It took too long; the slot is dead. */
    record TimedOut() implements Answer {}

    /** The slot ended, and its first process tells how. */
    record Ended(Ending ending) implements Answer {}

    /** The slot ended, nobody knows why. */
    record Lost() implements Answer {}
  }

  private AnalysisSlot(
      Slot slot, Duration longest, ScheduledExecutorService timer, Duration grace) {
    this.slot = slot;
    this.longest = longest;
    this.timer = timer;
    this.grace = grace;
  }

  /**
   * Sets the limits and lets the analyzer go.
   *
   * @throws IOException if the slot is dead
   * @throws IsolationUnavailableException if a limit cannot be set
   */
  static AnalysisSlot begin(
      Slot slot, RunLimits limits, ScheduledExecutorService timer, Duration grace)
      throws IOException, IsolationUnavailableException {
    // Closing the slot ends all that is in it, and every wait for it here.
    ScheduledFuture<?> alarm = timer.schedule(slot::close, grace.toMillis(), TimeUnit.MILLISECONDS);
    try {
      slot.control().send(FrameKind.START, limits.frame());
      slot.control().send(FrameKind.CALL, Json.bytes(Json.object().put("analyze", true)));
      slot.stdin().shutdownOutput();
      Frame answer = slot.control().receive();
      if (answer != null && answer.kind() == FrameKind.REFUSED) {
        throw new IsolationUnavailableException(
            "a limit of the analyzer cannot be set, so nothing was examined: "
                + Json.parse(answer.payload()).path("reason").asString("unknown"));
      }
      if (answer == null || answer.kind() != FrameKind.RUNNING) {
        throw new IOException("the slot ended before its analyzer started");
      }
      return new AnalysisSlot(slot, limits.wallTime(), timer, grace);
    } finally {
      alarm.cancel(false);
    }
  }

  Slot slot() {
    return slot;
  }

  /** Nobody asks it from now on. */
  void rest() {
    restingSince = System.nanoTime();
  }

  /** How long it has been at rest. */
  long restedNanos() {
    return System.nanoTime() - restingSince;
  }

  /** Requests so far. */
  int uses() {
    return uses.get();
  }

  /**
   * Gives source to the waiting parser.
   *
   * @throws MalformedFrameException if what came back is no facts
   */
  Answer ask(byte[] source) throws MalformedFrameException {
    uses.incrementAndGet();
    ScheduledFuture<?> alarm = timer.schedule(this::stop, longest.toNanos(), TimeUnit.NANOSECONDS);
    try {
      slot.control().send(FrameKind.CALL, source);
      Frame frame = slot.control().receive();
      if (frame != null && frame.kind() == FrameKind.FACTS) {
        return new Answer.Facts(frame);
      }
    } catch (MalformedFrameException e) {
      throw e;
    } catch (IOException e) {
      log.debug("an analyzer ended: {}", e.toString());
    } finally {
      alarm.cancel(false);
    }
    return ended();
  }

  private Answer ended() {
    Ending ending = null;
    ScheduledFuture<?> lastResort =
        timer.schedule(slot.container()::destroy, grace.toMillis(), TimeUnit.MILLISECONDS);
    try {
      ending = report();
    } catch (IOException e) {
      log.warn("an analyzer's slot was lost: {}", e.toString());
    } finally {
      lastResort.cancel(false);
    }
    if (timedOut) {
      return new Answer.TimedOut();
    }
    return ending == null ? new Answer.Lost() : new Answer.Ended(ending);
  }

  private @Nullable Ending report() throws IOException {
    Frame frame = slot.supervisor().receive();
    return frame == null || frame.kind() != FrameKind.ENDED ? null : Ending.parse(frame);
  }

  private void stop() {
    timedOut = true;
    try {
      slot.supervisor().send(FrameKind.KILL, new byte[0]);
    } catch (IOException e) {
      log.debug("an analyzer ended by itself just now: {}", e.toString());
    }
  }
}
