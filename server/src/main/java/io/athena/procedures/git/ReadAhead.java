package io.athena.procedures.git;

import io.athena.procedures.git.GitTables.Batch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What one walk will probably ask for next, read many at a time. A walk that has seen a commit will
 * want its parents and its tree, so these are expected; when it asks for one of them, others are
 * read with it. Where there is only one parent to expect, the walk follows the history of one
 * procedure, and all that is left of that is read. Whoever asks for commits that nothing led to
 * goes through refs, so all of those are expected.
 *
 * <p>All walks of a program share a budget of memory: what does not fit into it is not read ahead,
 * and costs a statement each. What was given once is not kept. Not thread-safe, but for the budget.
 */
final class ReadAhead {
  /** Of an object beside its content: its id, its record, and its place in the map. */
  private static final int OBJECT_BYTES = 130;

  /** Of an id that is expected. */
  private static final int EXPECTED_BYTES = 90;

  /** So few parents are expected when a walk follows one procedure, or a few. */
  private static final int FEW = 8;

  /** Of a long history, so many commits are read at once. */
  private static final int MOST_OF_HISTORY = 2_000;

  private final GitTables tables;
  private final Budget budget;
  private final Map<ObjectId, StoredObject> objects = new HashMap<>();
  private final SequencedSet<ObjectId> parents = new LinkedHashSet<>();
  private final SequencedSet<ObjectId> trees = new LinkedHashSet<>();
  private boolean refsAreExpected;
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

    private boolean hasRoom() {
      return free.get() > 0;
    }
  }

  /** The walk has got an object: if it is a commit, what it refers to is expected. */
  void seen(StoredObject object, byte[] content) {
    forget(trees, object.id());
    forget(parents, object.id());
    if (object.type() == Constants.OBJ_COMMIT) {
      ObjectLinks.Commit commit = ObjectLinks.ofCommit(content);
      expect(trees, commit.tree());
      commit.parents().forEach(parent -> expect(parents, parent));
    }
  }

  private void expect(SequencedSet<ObjectId> expected, ObjectId id) {
    if (!objects.containsKey(id) && !expected.contains(id) && take(EXPECTED_BYTES)) {
      expected.add(id);
    }
  }

  /** An object that was read; it is the walk's now. Null if it was not read. */
  @Nullable StoredObject take(AnyObjectId id) {
    StoredObject object = objects.remove(id);
    if (object != null) {
      giveBack(sizeOf(object));
    }
    return object;
  }

  /** The same, but it may be asked for again. */
  @Nullable StoredObject look(AnyObjectId id) {
    return objects.get(id);
  }

  /** Reads what will be asked for with or after an object, as much as the budget allows. */
  void readWith(AnyObjectId id) throws IOException {
    ObjectId wanted = id.copy();
    if (!trees.contains(wanted) && !parents.contains(wanted)) {
      expectRefs();
    }
    if (trees.contains(wanted)) {
      read(some(trees, wanted));
    } else if (parents.size() > FEW && parents.contains(wanted)) {
      read(some(parents, wanted));
    } else if (parents.contains(wanted)) {
      keepAll(tables.history(wanted, MOST_OF_HISTORY));
    }
  }

  private void expectRefs() throws IOException {
    if (!refsAreExpected && budget.hasRoom()) {
      refsAreExpected = true;
      tables.refTargets().forEach(commit -> expect(parents, commit));
    }
  }

  /** The one that is wanted, and others of those that are expected. */
  private List<ObjectId> some(SequencedSet<ObjectId> expected, ObjectId wanted) {
    List<ObjectId> some = new ArrayList<>(List.of(wanted));
    forget(expected, wanted);
    Iterator<ObjectId> others = expected.iterator();
    while (some.size() < DatabaseReader.BATCH && others.hasNext()) {
      some.add(others.next());
      others.remove();
      giveBack(EXPECTED_BYTES);
    }
    return some;
  }

  private void read(List<ObjectId> ids) throws IOException {
    List<ObjectId> left = ids;
    boolean hasRoom = true;
    while (hasRoom && !left.isEmpty()) {
      Batch batch = tables.find(left);
      hasRoom = keepAll(batch.rows().values());
      left = left.subList(batch.covered(), left.size());
    }
  }

  /** Keeps as many as there is room for; false if there is none left. */
  private boolean keepAll(Collection<StoredObject> read) {
    for (StoredObject object : read) {
      if (!keep(object)) {
        return false;
      }
    }
    return true;
  }

  /** False if there is no room for it. */
  private boolean keep(StoredObject object) {
    if (objects.containsKey(object.id())) {
      return true;
    }
    if (!take(sizeOf(object))) {
      return false;
    }
    objects.put(object.id(), object);
    forget(parents, object.id());
    return true;
  }

  private void forget(SequencedSet<ObjectId> expected, ObjectId id) {
    if (expected.remove(id)) {
      giveBack(EXPECTED_BYTES);
    }
  }

  private static long sizeOf(StoredObject object) {
    return (long) object.deflated().length + OBJECT_BYTES;
  }

  private boolean take(long size) {
    boolean taken = budget.take(size);
    bytes += taken ? size : 0;
    return taken;
  }

  private void giveBack(long size) {
    bytes -= size;
    budget.giveBack(size);
  }

  /** Forgets all. */
  void clear() {
    objects.clear();
    parents.clear();
    trees.clear();
    refsAreExpected = false;
    budget.giveBack(bytes);
    bytes = 0;
  }
}
