package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
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
  private int uses;
  private long restingSince;

  /** What came of a request. */
  sealed interface Answer {
    /**
     * The parser's answer.
     *
     * @param reusable false if it came so late that the slot is being ended
     */
    record Facts(Frame frame, boolean reusable) implements Answer {}

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
   * Lets the analyzer go, in a slot that was made for these limits.
   *
   * @throws IOException if the slot is dead
   * @throws IsolationUnavailableException if a limit cannot be set
   */
  static AnalysisSlot begin(
      Slot slot, RunLimits limits, ScheduledExecutorService timer, Duration grace)
      throws IOException, IsolationUnavailableException {
    // Closing the slot ends all that is in it, and every wait for it here.
    Alarm alarm = Alarm.set(timer, grace, slot::close);
    try {
      slot.control()
          .send(
              FrameKind.CALL,
              Json.bytes(
                  Json.object().put("analyze", true).put("cpu_seconds", limits.cpuSeconds())));
      slot.stdin().shutdownOutput();
      Frame answer = slot.control().receive();
      if (answer != null && answer.kind() == FrameKind.REFUSED) {
        throw new IsolationUnavailableException(
            "a limit of the analyzer cannot be set, so nothing was examined: "
                + Json.parse(answer.payload()).path("reason").asString("unknown"));
      }
      if (answer == null || answer.kind() != FrameKind.RUNNING || !alarm.dismiss()) {
        throw new IOException("the slot ended before its analyzer started");
      }
      return new AnalysisSlot(slot, limits.wallTime(), timer, grace);
    } finally {
      alarm.dismiss();
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
    return uses;
  }

  /**
   * Gives source to the waiting parser.
   *
   * @throws MalformedFrameException if what came back is no facts
   * @throws InterruptedException if this thread was interrupted; then the slot is of no more use
   */
  Answer ask(byte[] source) throws MalformedFrameException, InterruptedException {
    uses++;
    Alarm alarm = Alarm.set(timer, longest, this::stop);
    try {
      slot.control().send(FrameKind.CALL, source);
      Frame frame = slot.control().receive();
      if (frame != null && frame.kind() == FrameKind.FACTS) {
        return new Answer.Facts(frame, alarm.dismiss());
      }
    } catch (ClosedByInterruptException e) {
      throw interrupted();
    } catch (MalformedFrameException e) {
      throw e;
    } catch (IOException e) {
      log.debug("an analyzer ended: {}", e.toString());
    } finally {
      alarm.dismiss();
    }
    Ending ending = ending();
    if (!alarm.dismiss()) {
      return new Answer.TimedOut();
    }
    return ending == null ? new Answer.Lost() : new Answer.Ended(ending);
  }

  private @Nullable Ending ending() throws InterruptedException {
    Alarm lastResort = Alarm.set(timer, grace, slot.container()::destroy);
    try {
      Frame frame = slot.supervisor().receive();
      return frame == null || frame.kind() != FrameKind.ENDED ? null : Ending.parse(frame);
    } catch (ClosedByInterruptException e) {
      throw interrupted();
    } catch (IOException e) {
      log.warn("an analyzer's slot was lost: {}", e.toString());
      return null;
    } finally {
      lastResort.dismiss();
    }
  }

  /** An interrupt that has closed a channel has left its mark on the thread, too. */
  private static InterruptedException interrupted() {
    Thread.interrupted();
    return new InterruptedException("the caller of an analysis went away");
  }

  private void stop() {
    try {
      slot.supervisor().send(FrameKind.KILL, new byte[0]);
    } catch (IOException e) {
      log.debug("an analyzer ended by itself just now: {}", e.toString());
    }
  }
}
