package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.BatchRefUpdate;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Ref.Storage;
import org.eclipse.jgit.lib.RefDatabase;
import org.eclipse.jgit.lib.RefRename;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.ReflogReader;
import org.eclipse.jgit.lib.SymbolicRef;
import org.eclipse.jgit.util.RefList;
import org.eclipse.jgit.util.RefMap;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a repository. All point to commits: tags are lightweight ones.
 *
 * <p>HEAD is not kept: it is the first branch by name, so that a clone has something to check out.
 * Without any branch it points to one that does not exist, as in a new repository.
 *
 * <p>Refs are changed together, by {@link DatabaseBatchRefUpdate}, which is not atomic by itself:
 * its caller's transaction is.
 */
final class DatabaseRefs extends RefDatabase {
  private static final String ONLY_TOGETHER = "refs are changed by newBatchUpdate() only";
  private static final String UNBORN = Constants.R_HEADS + Constants.MASTER;

  private final GitTables tables;

  DatabaseRefs(GitTables tables) {
    this.tables = tables;
  }

  @Override
  public void create() {}

  @Override
  public void close() {}

  @Override
  public @Nullable Ref exactRef(String name) throws IOException {
    if (name.equals(Constants.HEAD)) {
      return head();
    }
    return name.indexOf('\0') >= 0
        ? null
        : tables.findRef(name).map(DatabaseRefs::ref).orElse(null);
  }

  @Override
  public Map<String, Ref> exactRef(String... names) throws IOException {
    List<String> stored = new ArrayList<>();
    Map<String, Ref> found = new HashMap<>();
    for (String name : names) {
      if (name.equals(Constants.HEAD)) {
        found.put(name, head());
      } else if (name.indexOf('\0') < 0) {
        stored.add(name);
      }
    }
    tables.findRefs(stored).forEach(row -> found.put(row.name(), ref(row)));
    return found;
  }

  @Override
  public @Nullable Ref firstExactRef(String... names) throws IOException {
    Map<String, Ref> found = exactRef(names);
    for (String name : names) {
      if (found.containsKey(name)) {
        return found.get(name);
      }
    }
    return null;
  }

  /** By name without the prefix; with the empty prefix HEAD is among them, if there is a branch. */
  @Override
  @Deprecated // In favour of getRefsByPrefix, but abstract still.
  public Map<String, Ref> getRefs(String prefix) throws IOException {
    RefList.Builder<Ref> refs = new RefList.Builder<>();
    // Already in the order of their names, and HEAD comes before all of them.
    getRefsByPrefix(prefix).stream()
        .filter(ref -> prefix.isEmpty() || !ref.isSymbolic())
        .forEach(refs::add);
    return new RefMap(prefix, refs.toRefList(), RefList.emptyList(), RefList.emptyList());
  }

  @Override
  public List<Ref> getRefsByPrefix(String prefix) throws IOException {
    List<Ref> refs = new ArrayList<>();
    if (Constants.HEAD.startsWith(prefix)) {
      Ref head = head();
      if (head.getObjectId() != null) {
        refs.add(head);
      }
    }
    tables.refsFrom(prefix, Integer.MAX_VALUE).forEach(row -> refs.add(ref(row)));
    return refs;
  }

  private Ref head() throws IOException {
    List<GitDao.RefRow> first = tables.refsFrom(Constants.R_HEADS, 1);
    Ref target =
        first.isEmpty()
            ? new ObjectIdRef.Unpeeled(Storage.NEW, UNBORN, null)
            : ref(first.getFirst());
    return new SymbolicRef(Constants.HEAD, target);
  }

  private static Ref ref(GitDao.RefRow row) {
    return new ObjectIdRef.PeeledNonTag(
        Storage.PACKED, row.name(), ObjectId.fromRaw(row.objectId()));
  }

  @Override
  public List<Ref> getAdditionalRefs() {
    return List.of();
  }

  @Override
  public Ref peel(Ref ref) {
    return ref;
  }

  /** Asked before a ref is made one by one, which is not done here. */
  @Override
  public boolean isNameConflicting(String name) {
    throw new UnsupportedOperationException(ONLY_TOGETHER);
  }

  @Override
  public RefUpdate newUpdate(String name, boolean detach) {
    throw new UnsupportedOperationException(ONLY_TOGETHER);
  }

  @Override
  public BatchRefUpdate newBatchUpdate() {
    return new DatabaseBatchRefUpdate(this, tables);
  }

  @Override
  public RefRename newRename(String from, String to) {
    throw new UnsupportedOperationException("the branch of a procedure keeps its name");
  }

  @Override
  public ReflogReader getReflogReader(Ref ref) {
    throw new UnsupportedOperationException("history is append-only and has no log of refs");
  }
}
