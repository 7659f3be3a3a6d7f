package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The rows of one project's repository. Failures of the database become {@link IOException}s, which
 * is what JGit expects of a storage; see {@link DatabaseFailure}.
 */
final class GitTables {
  /** Above every character of a ref's name, which are all ASCII. */
  private static final char AFTER_ALL = '\u007f';

  /** Of a batch, but for its last object: so much of a pack is in memory while a client reads. */
  private static final long MOST_BATCH_BYTES = 2 << 20;

  private final String project;
  private final ReadAhead.Budget readAheadBudget;
  private final Lender lender;

  /** Lends access to the tables for the time of a statement. */
  private interface Lender {
    <T> T lend(Function<GitDao, T> work);
  }

  private GitTables(String project, ReadAhead.Budget readAheadBudget, Lender lender) {
    this.project = project;
    this.readAheadBudget = readAheadBudget;
    this.lender = lender;
  }

  /** Every statement for itself. */
  static GitTables of(Jdbi jdbi, String project, ReadAhead.Budget readAheadBudget) {
    return new GitTables(
        project,
        readAheadBudget,
        new Lender() {
          @Override
          public <T> T lend(Function<GitDao, T> work) {
            return jdbi.withExtension(GitDao.class, work::apply);
          }
        });
  }

  /** All statements in one transaction. */
  static GitTables of(Handle handle, String project) {
    GitDao dao = handle.attach(GitDao.class);
    return new GitTables(
        project,
        new ReadAhead.Budget(0),
        new Lender() {
          @Override
          public <T> T lend(Function<GitDao, T> work) {
            return work.apply(dao);
          }
        });
  }

  /** What readers may keep in memory of what they will probably need. */
  ReadAhead.Budget readAheadBudget() {
    return readAheadBudget;
  }

  Optional<StoredObject> find(AnyObjectId id) throws IOException {
    return ask(dao -> dao.find(project, bytes(id)));
  }

  /**
   * What is there of some objects.
   *
   * @param rows by id
   * @param covered how many of the ids asked for, from the first on, it speaks of; at least one
   */
  record Batch(Map<ObjectId, StoredObject> rows, int covered) {
    /** Of none. */
    static final Batch EMPTY = new Batch(Map.of(), 0);
  }

  /** Reads objects, as many of the first of them as a batch may have bytes. */
  Batch find(List<? extends AnyObjectId> ids) throws IOException {
    ByteaArray keys = ByteaArray.of(ids, GitTables::bytes);
    LinkedHashMap<ObjectId, StoredObject> rows = new LinkedHashMap<>();
    long bytes = 0;
    for (StoredObject row : ask(dao -> dao.find(project, keys, MOST_BATCH_BYTES))) {
      bytes += row.deflated().length;
      rows.put(row.id(), row);
    }
    int covered = ids.size();
    if (bytes >= MOST_BATCH_BYTES) {
      ObjectId last = rows.sequencedKeySet().getLast();
      covered = indexOf(ids, last) + 1;
    }
    return new Batch(rows, covered);
  }

  private static int indexOf(List<? extends AnyObjectId> ids, AnyObjectId id) {
    int index = 0;
    while (!AnyObjectId.isEqual(ids.get(index), id)) {
      index++;
    }
    return index;
  }

  Optional<GitDao.Header> findHeader(AnyObjectId id) throws IOException {
    return ask(dao -> dao.findHeader(project, bytes(id)));
  }

  /** A commit and those before it in the history of its procedure, newest first. */
  List<StoredObject> history(AnyObjectId commit, int most) throws IOException {
    return ask(dao -> dao.history(project, commit.name(), most));
  }

  List<ObjectId> idsBetween(AnyObjectId first, AnyObjectId last, int most) throws IOException {
    return ask(dao -> dao.idsBetween(project, bytes(first), bytes(last), most)).stream()
        .map(ObjectId::fromRaw)
        .toList();
  }

  void insert(Collection<StoredObject> objects) throws IOException {
    List<StoredObject> rows = List.copyOf(objects);
    List<Integer> types = rows.stream().map(StoredObject::type).toList();
    List<Integer> sizes = rows.stream().map(StoredObject::size).toList();
    ByteaArray ids = ByteaArray.of(rows, row -> bytes(row.id()));
    ByteaArray contents = ByteaArray.of(rows, StoredObject::deflated);
    ask(dao -> {
      dao.insert(project, ids, types, sizes, contents);
      return true;
    });
  }

  Optional<GitDao.RefRow> findRef(String name) throws IOException {
    return ask(dao -> dao.findRef(project, name));
  }

  List<GitDao.RefRow> findRefs(List<String> names) throws IOException {
    return ask(dao -> dao.findRefs(project, names));
  }

  /** What the refs point to, branches before tags. */
  List<ObjectId> refTargets() throws IOException {
    return ask(dao -> dao.refTargets(project)).stream().map(ObjectId::fromRaw).toList();
  }

  /** At most so many refs whose names begin with {@code prefix}, by name. */
  List<GitDao.RefRow> refsFrom(String prefix, int most) throws IOException {
    // The database refuses NUL, and no ref has it.
    return prefix.indexOf('\0') >= 0
        ? List.of()
        : ask(dao -> dao.refsBetween(project, prefix, prefix + AFTER_ALL, most));
  }

  /**
   * Changes refs, each only if it is as expected: with one statement for those to be made, one for
   * those to be moved, and one for those to be removed.
   *
   * @return the names of those that were as expected
   */
  Set<String> change(Map<String, RefChange> changes) throws IOException {
    List<String> created = new ArrayList<>();
    List<ObjectId> targets = new ArrayList<>();
    List<GitDao.Move> moved = new ArrayList<>();
    List<GitDao.Move> removed = new ArrayList<>();
    changes.forEach((name, change) -> {
      if (change.old().equals(ObjectId.zeroId())) {
        created.add(name);
        targets.add(change.target());
      } else if (change.target().equals(ObjectId.zeroId())) {
        removed.add(new GitDao.Move(name, bytes(change.old()), null));
      } else {
        moved.add(new GitDao.Move(name, bytes(change.old()), bytes(change.target())));
      }
    });
    Set<String> changed = new HashSet<>();
    if (!moved.isEmpty()) {
      addChanged(changed, moved, ask(dao -> dao.move(project, moved)));
    }
    if (!removed.isEmpty()) {
      addChanged(changed, removed, ask(dao -> dao.delete(project, removed)));
    }
    if (!created.isEmpty()) {
      ByteaArray ids = ByteaArray.of(targets, GitTables::bytes);
      changed.addAll(ask(dao -> dao.create(project, created, ids)));
    }
    return changed;
  }

  private static void addChanged(Set<String> changed, List<GitDao.Move> moves, int[] counts) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 1) {
        changed.add(moves.get(i).name());
      }
    }
  }

  /** A ref's change from one id to another; the zero id stands for no ref. */
  record RefChange(ObjectId old, ObjectId target) {}

  private <T> T ask(Function<GitDao, T> work) throws IOException {
    try {
      return lender.lend(work);
    } catch (JdbiException e) {
      throw new DatabaseFailure("the repository of project '" + project + "' cannot be reached", e);
    }
  }

  static byte[] bytes(AnyObjectId id) {
    byte[] bytes = new byte[ObjectId.zeroId().name().length() / 2];
    id.copyRawTo(bytes, 0);
    return bytes;
  }
}
