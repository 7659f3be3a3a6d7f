package io.athena.procedures.sandbox;

import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.AnalyzeResponse;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports facts about source, from ordinary slots that are kept for it. Thread-safe.
 *
 * <p>A slot's resident process forks those that parse ahead of the requests, and renews them, so a
 * request finds a warm parser that only waits for its source. When a request ends its process
 * badly, the whole slot is replaced. Slots that nobody needed for a while are given back, so that
 * they keep no old container alive.
 */
final class Analyzer implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Analyzer.class);
  private static final long MEBIBYTE = 1024 * 1024;
  private static final int LARGEST_CODE = 8 * 1024 * 1024;
  private static final int MOST_USES = 2000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
  private static final Duration IDLE = Duration.ofSeconds(60);

  /**
   * Generous: the tree of a list of short names takes five hundred times the size of its source.
   */
  static final RunLimits LIMITS =
      new RunLimits(Duration.ofSeconds(10), 60, 768 * MEBIBYTE, MEBIBYTE, 8, MEBIBYTE, 1);

  private final SandboxPool pool;
  private final ScheduledExecutorService timer;
  private final Duration grace;
  private final RunLimits limits;
  private final Semaphore free;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<AnalysisSlot> idle = new ArrayDeque<>();
  private boolean watching;
  private boolean closed;

  Analyzer(SandboxPool pool, ScheduledExecutorService timer, Duration grace) {
    this(pool, timer, grace, LIMITS);
  }

  Analyzer(SandboxPool pool, ScheduledExecutorService timer, Duration grace, RunLimits limits) {
    this.pool = pool;
    this.timer = timer;
    this.grace = grace;
    this.limits = limits;
    this.free = new Semaphore(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16), true);
  }

  /**
   * The facts, or how the parser ended instead.
   *
   * @throws SandboxException if no parser was given the source
   */
  AnalyzeResponse analyze(String code) throws SandboxException, InterruptedException {
    if (code.length() > LARGEST_CODE) {
      throw new InvalidRunException("code has more than " + LARGEST_CODE + " characters");
    }
    pool.requireUsable();
    if (!free.tryAcquire(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new PoolExhaustedException(
          "all analyzers were busy for %d s; try again in a moment"
              .formatted(LONGEST_WAIT.toSeconds()));
    }
    try {
      byte[] source = code.getBytes(StandardCharsets.UTF_8);
      AnalysisSlot kept = takeIdle();
      if (kept != null) {
        AnalyzeResponse response = ask(kept, source);
        if (response != null) {
          return response;
        }
      }
      AnalyzeResponse response = ask(open(), source);
      if (response != null) {
        return response;
      }
      throw new PoolExhaustedException(
          "the container ended while the code was examined; try again in a moment");
    } finally {
      free.release();
    }
  }

  /** Null if the slot was lost through no fault of the source. */
  private @Nullable AnalyzeResponse ask(AnalysisSlot slot, byte[] source) {
    boolean sound = false;
    try {
      AnalysisSlot.Answer answer = slot.ask(source);
      return switch (answer) {
        case AnalysisSlot.Answer.Facts(Frame frame) -> {
          sound = slot.uses() < MOST_USES;
          yield AnalyzeResponse.newBuilder().setFacts(frame.payload()).build();
        }
        case AnalysisSlot.Answer.TimedOut() ->
            failed(
                FailureKind.FAILURE_KIND_TIMEOUT,
                "the parser needed more than %d s".formatted(limits.wallTime().toSeconds()));
        case AnalysisSlot.Answer.Ended(Ending ending) when ending.oomKills() > 0 ->
            failed(
                FailureKind.FAILURE_KIND_MEMORY_LIMIT,
                "the parser needed more than %d MiB of memory"
                    .formatted(limits.memoryBytes() / MEBIBYTE));
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
        keep(slot);
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

  private AnalysisSlot open() throws SandboxException, InterruptedException {
    Slot slot = pool.take(LONGEST_WAIT);
    boolean begun = false;
    try {
      AnalysisSlot analysis = AnalysisSlot.begin(slot, limits, timer, grace);
      begun = true;
      return analysis;
    } catch (IOException e) {
      throw new IsolationUnavailableException(
          "an analyzer could not be started: " + e.getMessage());
    } finally {
      if (!begun) {
        pool.discard(slot);
      }
    }
  }

  private @Nullable AnalysisSlot takeIdle() {
    lock.lock();
    try {
      return idle.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  private void keep(AnalysisSlot slot) {
    lock.lock();
    try {
      if (!closed) {
        slot.rest();
        idle.addFirst(slot);
        watchIdle();
        return;
      }
    } finally {
      lock.unlock();
    }
    pool.discard(slot.slot());
  }

  /** Under the lock. One alarm at most is set, for the slot that rests longest. */
  private void watchIdle() {
    AnalysisSlot longest = idle.peekLast();
    if (watching || longest == null) {
      return;
    }
    watching = true;
    long left = IDLE.toNanos() - longest.restedNanos();
    var _ = timer.schedule(this::giveBackIdle, Math.max(left, 0), TimeUnit.NANOSECONDS);
  }

  private void giveBackIdle() {
    List<AnalysisSlot> unneeded = new ArrayList<>();
    lock.lock();
    try {
      watching = false;
      while (!idle.isEmpty() && idle.getLast().restedNanos() >= IDLE.toNanos()) {
        unneeded.add(idle.removeLast());
      }
      watchIdle();
    } finally {
      lock.unlock();
    }
    // Apart from the timer's thread: with its last slot a container ends, which takes a while.
    unneeded.forEach(slot -> Thread.ofVirtual().start(() -> pool.discard(slot.slot())));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      idle.forEach(slot -> pool.discard(slot.slot()));
      idle.clear();
    } finally {
      lock.unlock();
    }
  }
}
