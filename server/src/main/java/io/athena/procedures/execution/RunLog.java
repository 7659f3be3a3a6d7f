package io.athena.procedures.execution;

import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.ExecutionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest events of one run, in memory. One thread appends; any number of readers follow at
 * their own pace, and whoever falls behind reads what is stored instead.
 *
 * <p>Memory is bounded: an event is kept until it is stored (or will never be), and then only among
 * the newest {@link #KEPT_BYTES}. The caller of a run is its pacer: {@link #append} waits while the
 * pacer has more than {@link #WINDOW_BYTES} to read, which stops the program.
 *
 * <p>It begins closed: nobody reads or stores what is in it before {@link #open}. Thread-safe.
 */
final class RunLog {
  private static final long KEPT_BYTES = 128 * 1024;
  private static final long WINDOW_BYTES = 256 * 1024;
  private static final long NOTHING_PENDING = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StorageBudget budget;

  /** Without gaps; the first has {@link #firstSequence}. */
  private final List<ExecutionEvent> kept = new ArrayList<>();

  private List<ExecutionEvent> pending = new ArrayList<>();
  private long firstSequence = 1;
  private long keptBytes;
  private long appendedBytes;
  private boolean open;
  private boolean storing;
  private boolean sealed;
  private boolean ended;
  private boolean rushed;
  private long oldestBeingStored = NOTHING_PENDING;
  private @Nullable ServiceException refusal;
  private @Nullable Cursor pacer;

  RunLog(StorageBudget budget) {
    this.budget = budget;
  }

  /** A reader's place. Fields are guarded by the log's lock. */
  static final class Cursor {
    private long sequence;
    private long readBytes;

    Cursor(long afterSequence) {
      this.sequence = afterSequence;
    }
  }

  /** What a reader finds. */
  sealed interface Found {
    /** The next events, at least one. */
    record Events(List<ExecutionEvent> events) implements Found {}

    /** What comes next is no longer here; it may be stored. */
    record Behind(long afterSequence, long firstKept) implements Found {}

    /** Nothing came in time. */
    record Nothing() implements Found {}

    /** All was read, and nothing more will come. */
    record End() implements Found {}
  }

  /** True once there is an event to read. */
  boolean hasBegun() {
    lock.lock();
    try {
      return open && appendedBytes > 0;
    } finally {
      lock.unlock();
    }
  }

  /** The run is on record: what it does may be seen. */
  void open() {
    lock.lock();
    try {
      open = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds the next event. Waits for the pacer, at most until {@code longest} has passed; then the
   * pacer is treated as a watcher that fell behind.
   */
  void append(ExecutionEvent event, Duration longest) throws InterruptedException {
    lock.lock();
    try {
      long left = longest.toNanos();
      while (pacer != null && !rushed && appendedBytes - pacer.readBytes > WINDOW_BYTES) {
        if (left <= 0) {
          rushed = true;
          break;
        }
        left = changed.awaitNanos(left);
      }
      add(event);
      if (budget.admits(event)) {
        pending.add(event);
      }
      trim();
    } finally {
      lock.unlock();
    }
  }

  /** Adds the last event, which is stored already. */
  void end(ExecutionEvent completed) {
    lock.lock();
    try {
      add(completed);
      ended = true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a run that was not admitted: whoever waits for its events gets the exception. */
  void refuse(ServiceException reason) {
    lock.lock();
    try {
      refusal = reason;
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing waits for the pacer: the run is about to end. */
  void rush() {
    lock.lock();
    try {
      rushed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Makes the reader of {@code cursor} the one whose pace the program follows. */
  void pace(Cursor cursor) {
    lock.lock();
    try {
      pacer = cursor;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what is to be stored; {@link #stored} must follow. Empty if there is nothing, if another
   * thread is storing, or if the log is closed or sealed.
   */
  List<ExecutionEvent> takePending() {
    lock.lock();
    try {
      return !open || storing || sealed ? List.of() : take();
    } finally {
      lock.unlock();
    }
  }

  /** What {@link #takePending} gave is stored, or is to be taken again. */
  void stored(List<ExecutionEvent> events, boolean successfully) {
    lock.lock();
    try {
      storing = false;
      oldestBeingStored = NOTHING_PENDING;
      if (!successfully) {
        List<ExecutionEvent> again = new ArrayList<>(events);
        again.addAll(pending);
        pending = again;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what is still to be stored for the last time, after what is being stored now is: with the
   * outcome everything is in place.
   */
  List<ExecutionEvent> seal() throws InterruptedException {
    lock.lock();
    try {
      while (storing) {
        changed.await();
      }
      sealed = true;
      return take();
    } finally {
      lock.unlock();
    }
  }

  /** True if some events were not stored because there were too many. */
  boolean exceedsStorage() {
    lock.lock();
    try {
      return budget.exceeded();
    } finally {
      lock.unlock();
    }
  }

  /** What comes after the cursor; moves it on. Waits at most {@code timeout}. */
  Found read(Cursor cursor, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!ended && (!open || cursor.sequence >= firstSequence + kept.size() - 1)) {
        if (left <= 0) {
          return new Found.Nothing();
        }
        left = changed.awaitNanos(left);
      }
      if (refusal != null) {
        throw refusal;
      }
      long last = firstSequence + kept.size() - 1;
      if (ended && cursor.sequence > last) {
        // A caller who saw events that a crash took back: what it lacks is how the run ended.
        cursor.sequence = last - 1;
      }
      if (cursor.sequence + 1 < firstSequence) {
        return new Found.Behind(cursor.sequence, firstSequence);
      }
      int from = Math.toIntExact(cursor.sequence + 1 - firstSequence);
      if (from == kept.size()) {
        return new Found.End();
      }
      List<ExecutionEvent> events = List.copyOf(kept.subList(from, kept.size()));
      moveTo(cursor, events.getLast().getSequence());
      return new Found.Events(events);
    } finally {
      lock.unlock();
    }
  }

  /** Moves a cursor that fell behind. */
  void skip(Cursor cursor, long toSequence) {
    lock.lock();
    try {
      moveTo(cursor, toSequence);
    } finally {
      lock.unlock();
    }
  }

  private void moveTo(Cursor cursor, long sequence) {
    cursor.sequence = sequence;
    // Exact for a pacer, which reads everything and so always reads to the end.
    cursor.readBytes = appendedBytes;
    changed.signalAll();
  }

  private void add(ExecutionEvent event) {
    kept.add(event);
    keptBytes += event.getSerializedSize();
    appendedBytes += event.getSerializedSize();
    changed.signalAll();
  }

  private List<ExecutionEvent> take() {
    List<ExecutionEvent> taken = pending;
    if (!taken.isEmpty()) {
      pending = new ArrayList<>();
      storing = true;
      oldestBeingStored = taken.getFirst().getSequence();
    }
    return taken;
  }

  /** Drops the oldest, rarely and many at a time. */
  private void trim() {
    if (keptBytes <= 2 * KEPT_BYTES) {
      return;
    }
    long needed = Math.min(oldestBeingStored, oldestPending());
    if (pacer != null && !rushed) {
      needed = Math.min(needed, pacer.sequence + 1);
    }
    int count = 0;
    while (keptBytes > KEPT_BYTES && firstSequence + count < needed && count < kept.size()) {
      keptBytes -= kept.get(count).getSerializedSize();
      count++;
    }
    kept.subList(0, count).clear();
    firstSequence += count;
  }

  private long oldestPending() {
    return pending.isEmpty() ? NOTHING_PENDING : pending.getFirst().getSequence();
  }
}
