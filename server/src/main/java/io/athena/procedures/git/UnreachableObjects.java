package io.athena.procedures.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;

/**
 * Removes objects that nothing refers to any more. Safe beside writers on any server:
 *
 * <ul>
 *   <li>An object is removed only if no ref and no object that stays refers to it, so whatever else
 *       is wrong, nothing that stays is left with a gap.
 *   <li>A writer that needs an object again marks it as written now, or waits for its removal and
 *       writes it anew ({@link GitDao#insert}); removal leaves alone what was marked since, because
 *       it asks for the time again when it has the row's lock.
 *   <li>Readers that began before a ref was removed have time to end: whoever asks for a removal
 *       sees to that.
 * </ul>
 */
public final class UnreachableObjects {
  /**
   * What was written within this time, or needed again by a writer, stays. Above the hour after
   * which writers mark an object again, with much to spare.
   */
  public static final Duration SHORTEST_GRACE = Duration.ofDays(1);

  private UnreachableObjects() {}

  /**
   * Removes commits and what only they refer to, as far as nothing else refers to it. Reads all
   * commits and trees of the project.
   *
   * @param handle in a transaction
   * @param project whose repository
   * @param commits those that may be unreachable
   * @return how many objects were removed
   */
  public static int remove(Handle handle, String project, Collection<ObjectId> commits) {
    Candidates candidates = new Candidates(handle, project);
    candidates.add(commits);
    candidates.keepWhatIsReferredTo(commits);
    return candidates.remove();
  }

  /** Objects that may go, with what they refer to. */
  private static final class Candidates {
    private final UnreachableObjectDao dao;
    private final GitTables tables;
    private final String project;
    private final Map<ObjectId, List<ObjectId>> objects = new HashMap<>();

    Candidates(Handle handle, String project) {
      this.dao = handle.attach(UnreachableObjectDao.class);
      this.tables = GitTables.of(handle, project);
      this.project = project;
    }

    /** Adds objects, and what they refer to. Parents are not followed: they are given or stay. */
    void add(Collection<ObjectId> commits) {
      try {
        Set<ObjectId> next = new HashSet<>(commits);
        while (!next.isEmpty()) {
          Set<ObjectId> found = new HashSet<>();
          List<ObjectId> wanted = new ArrayList<>(next);
          while (!wanted.isEmpty()) {
            GitTables.Batch batch =
                tables.find(wanted.subList(0, Math.min(wanted.size(), DatabaseReader.BATCH)));
            for (StoredObject object : batch.rows().values()) {
              List<ObjectId> references = ObjectLinks.of(object);
              objects.put(object.id(), references);
              found.addAll(references);
            }
            wanted.subList(0, batch.covered()).clear();
          }
          found.removeAll(objects.keySet());
          found.removeAll(next);
          next = found;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void keepWhatIsReferredTo(Collection<ObjectId> commits) {
      ByteaArray ids = ByteaArray.of(List.copyOf(commits), GitTables::bytes);
      dao.refTargets(project, ids).forEach(id -> keep(ObjectId.fromRaw(id)));
      try (Stream<StoredObject> staying = dao.commitsAndTrees(project)) {
        Iterator<StoredObject> each = staying.iterator();
        while (each.hasNext() && !objects.isEmpty()) {
          StoredObject object = each.next();
          if (!objects.containsKey(object.id())) {
            ObjectLinks.of(object).forEach(this::keep);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void keep(ObjectId id) {
      Deque<ObjectId> kept = new ArrayDeque<>(List.of(id));
      while (!kept.isEmpty()) {
        List<ObjectId> references = objects.remove(kept.pop());
        if (references != null) {
          kept.addAll(references);
        }
      }
    }

    int remove() {
      List<ObjectId> ids = List.copyOf(objects.keySet());
      return ids.isEmpty()
          ? 0
          : dao.delete(project, ByteaArray.of(ids, GitTables::bytes), SHORTEST_GRACE.toSeconds());
    }
  }
}
