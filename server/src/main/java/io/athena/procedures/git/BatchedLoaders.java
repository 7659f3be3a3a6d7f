package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.eclipse.jgit.lib.AsyncObjectLoaderQueue;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.jspecify.annotations.Nullable;

/** Opens many objects, a batch with one statement. Not thread-safe. */
final class BatchedLoaders<T extends ObjectId> implements AsyncObjectLoaderQueue<T> {
  private final DatabaseReader reader;
  private final GitTables tables;
  private final Iterator<T> ids;

  /** Taken from {@link #ids}; those before {@link #given} have been given. */
  private final List<T> waiting = new ArrayList<>();

  private GitTables.Batch batch = GitTables.Batch.EMPTY;
  private int given;
  private @Nullable T current;

  BatchedLoaders(DatabaseReader reader, GitTables tables, Iterator<T> ids) {
    this.reader = reader;
    this.tables = tables;
    this.ids = ids;
  }

  @Override
  public boolean next() throws IOException {
    if (given == batch.covered()) {
      readBatch();
    }
    current = waiting.isEmpty() ? null : waiting.get(given++);
    return current != null;
  }

  private void readBatch() throws IOException {
    waiting.subList(0, given).clear();
    given = 0;
    while (ids.hasNext() && waiting.size() < DatabaseReader.BATCH) {
      waiting.add(ids.next());
    }
    batch = waiting.isEmpty() ? GitTables.Batch.EMPTY : tables.find(waiting);
  }

  @Override
  public T getCurrent() {
    return requireCurrent();
  }

  @Override
  public ObjectId getObjectId() {
    return requireCurrent();
  }

  @Override
  public ObjectLoader open() throws IOException {
    T id = requireCurrent();
    StoredObject object = reader.take(id);
    if (object == null) {
      object = batch.rows().get(id);
    }
    if (object == null) {
      throw DatabaseReader.missing(id, ObjectReader.OBJ_ANY);
    }
    return reader.loader(object);
  }

  private T requireCurrent() {
    if (current == null) {
      throw new IllegalStateException("next() has not found an object");
    }
    return current;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return true;
  }

  @Override
  public void release() {
    batch = GitTables.Batch.EMPTY;
    waiting.clear();
    given = 0;
  }
}
