package io.athena.procedures.git;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The commits and trees of a repository, read at once for one walk. All walks of a program share a
 * budget of memory: what does not fit into it is not read ahead, and costs a statement each. Not
 * thread-safe, but for the budget.
 */
final class ReadAhead {
  /** Of an object beside its content: its id, its record, and its place in the map. */
  private static final int OVERHEAD_BYTES = 130;

  private final GitTables tables;
  private final Budget budget;
  private final Map<ObjectId, StoredObject> objects = new HashMap<>();
  private long bytes;

  ReadAhead(GitTables tables) {
    this.tables = tables;
    this.budget = tables.readAheadBudget();
  }

  /** Memory that may be used. Thread-safe. */
  static final class Budget {
    private final AtomicLong free;

    Budget(long bytes) {
      this.free = new AtomicLong(bytes);
    }

    /** Takes so much of it, or nothing. */
    private boolean take(long bytes) {
      if (free.addAndGet(-bytes) >= 0) {
        return true;
      }
      free.addAndGet(bytes);
      return false;
    }

    private void giveBack(long bytes) {
      free.addAndGet(bytes);
    }
  }

  @Nullable StoredObject get(AnyObjectId id) {
    return objects.get(id);
  }

  /** Reads as many as the budget allows. */
  void fill() throws IOException {
    tables.eachCommitAndTree(object -> {
      long size = (long) object.deflated().length + OVERHEAD_BYTES;
      if (!budget.take(size)) {
        return false;
      }
      bytes += size;
      objects.put(object.id(), object);
      return true;
    });
  }

  /** Forgets all. */
  void clear() {
    objects.clear();
    budget.giveBack(bytes);
    bytes = 0;
  }
}
