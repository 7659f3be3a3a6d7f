package io.athena.procedures.sandbox;

import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.AnalyzeResponse;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports facts about source, from ordinary slots that are kept for it. Thread-safe.
 *
 * <p>A slot's resident process forks those that parse ahead of the requests, and renews them, so a
 * request finds a warm parser that only waits for its source. When a request ends its process
 * badly, the whole slot is replaced.
 *
 * <p>Small sources, which are nearly all, have seats of their own, more than there are processors:
 * slots share the processors alike, so one that takes long slows the others and does not keep them
 * waiting. Large ones take so much memory that only as many are examined at a time as there are
 * processors.
 */
final class Analyzer implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Analyzer.class);
  private static final long MEBIBYTE = 1024 * 1024;
  private static final int LARGEST_CODE = 8 * 1024 * 1024;
  private static final int LARGEST_SMALL = 32 * 1024;
  private static final int MOST_USES = 2000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

  /**
   * Generous: the tree of a list of short names takes five hundred times the size of its source.
   */
  private static final RunLimits LARGE = limits(768 * MEBIBYTE);

  private static final RunLimits SMALL = limits(256 * MEBIBYTE);

  private final SandboxPool pool;
  private final ScheduledExecutorService timer;
  private final Duration grace;
  private final AnalyzerLane small;
  private final AnalyzerLane large;

  Analyzer(SandboxPool pool, ScheduledExecutorService timer, Duration grace) {
    this.pool = pool;
    this.timer = timer;
    this.grace = grace;
    int processors = Runtime.getRuntime().availableProcessors();
    this.small = new AnalyzerLane(pool, timer, Math.clamp(4L * processors, 8, 64), SMALL);
    this.large = new AnalyzerLane(pool, timer, Math.clamp(processors, 2, 16), LARGE);
  }

  private static RunLimits limits(long memory) {
    return new RunLimits(Duration.ofSeconds(10), 60, memory, MEBIBYTE, 8, MEBIBYTE, 1);
  }

  /**
   * The facts, or how the parser ended instead.
   *
   * @throws SandboxException if no parser was given the source
   * @throws InterruptedException if this thread was interrupted; what parsed has been ended
   */
  AnalyzeResponse analyze(String code) throws SandboxException, InterruptedException {
    if (code.length() > LARGEST_CODE) {
      throw new InvalidRunException("code has more than " + LARGEST_CODE + " characters");
    }
    pool.requireUsable();
    byte[] source = code.getBytes(StandardCharsets.UTF_8);
    AnalyzerLane lane = source.length <= LARGEST_SMALL ? small : large;
    if (!lane.takeSeat(LONGEST_WAIT)) {
      throw new PoolExhaustedException(
          "all analyzers were busy for %d s; try again in a moment"
              .formatted(LONGEST_WAIT.toSeconds()));
    }
    try {
      return analyze(lane, source);
    } finally {
      lane.giveSeatBack();
    }
  }

  private AnalyzeResponse analyze(AnalyzerLane lane, byte[] source)
      throws SandboxException, InterruptedException {
    AnalysisSlot kept = lane.takeIdle();
    AnalyzeResponse response = kept == null ? null : ask(lane, kept, source);
    if (response == null) {
      response = ask(lane, open(lane.limits()), source);
    }
    if (response == null) {
      throw new PoolExhaustedException(
          "the container ended while the code was examined; try again in a moment");
    }
    return response;
  }

  /** Null if the slot was lost through no fault of the source. */
  private @Nullable AnalyzeResponse ask(AnalyzerLane lane, AnalysisSlot slot, byte[] source)
      throws InterruptedException {
    boolean sound = false;
    try {
      return switch (slot.ask(source)) {
        case AnalysisSlot.Answer.Facts(Frame frame, boolean reusable) -> {
          sound = reusable && slot.uses() < MOST_USES;
          yield AnalyzeResponse.newBuilder().setFacts(frame.payload()).build();
        }
        case AnalysisSlot.Answer.TimedOut() ->
            failed(
                FailureKind.FAILURE_KIND_TIMEOUT,
                "the parser needed more than %d s".formatted(lane.limits().wallTime().toSeconds()));
        case AnalysisSlot.Answer.Ended(Ending ending) when ending.oomKills() > 0 ->
            failed(
                FailureKind.FAILURE_KIND_MEMORY_LIMIT,
                "the parser needed more than %d MiB of memory"
                    .formatted(lane.limits().memoryBytes() / MEBIBYTE));
        case AnalysisSlot.Answer.Ended(Ending ending)
            when ending.exitStatus() == AnalysisSlot.REQUEST_FAILED ->
            failed(FailureKind.FAILURE_KIND_CRASHED, "the parser crashed");
        case AnalysisSlot.Answer.Ended(Ending ending) -> {
          log.info("an analyzer ended unasked: {}", ending);
          yield null;
        }
        case AnalysisSlot.Answer.Lost() -> null;
      };
    } catch (MalformedFrameException e) {
      return failed(FailureKind.FAILURE_KIND_CRASHED, "the parser answered in disorder");
    } finally {
      if (sound) {
        lane.keep(slot);
      } else {
        pool.discard(slot.slot());
      }
    }
  }

  private static AnalyzeResponse failed(FailureKind kind, String message) {
    return AnalyzeResponse.newBuilder()
        .setFailure(Failure.newBuilder().setKind(kind).setMessage(message))
        .build();
  }

  private AnalysisSlot open(RunLimits limits) throws SandboxException, InterruptedException {
    Slot slot = pool.take(limits.ofSlot(), LONGEST_WAIT);
    boolean begun = false;
    try {
      AnalysisSlot analysis = AnalysisSlot.begin(slot, limits, timer, grace);
      begun = true;
      return analysis;
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException("the caller of an analysis went away");
    } catch (IOException e) {
      throw new IsolationUnavailableException(
          "an analyzer could not be started: " + e.getMessage());
    } finally {
      if (!begun) {
        pool.discard(slot);
      }
    }
  }

  @Override
  public void close() {
    small.close();
    large.close();
  }
}
