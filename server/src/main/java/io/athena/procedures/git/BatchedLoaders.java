package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
  private final Map<ObjectId, StoredObject> batch = new HashMap<>();
  private Iterator<T> inBatch = List.<T>of().iterator();
  private @Nullable T current;

  BatchedLoaders(DatabaseReader reader, GitTables tables, Iterator<T> ids) {
    this.reader = reader;
    this.tables = tables;
    this.ids = ids;
  }

  @Override
  public boolean next() throws IOException {
    if (!inBatch.hasNext()) {
      readBatch();
    }
    current = inBatch.hasNext() ? inBatch.next() : null;
    return current != null;
  }

  private void readBatch() throws IOException {
    List<T> wanted = new ArrayList<>();
    while (ids.hasNext() && wanted.size() < DatabaseReader.BATCH) {
      wanted.add(ids.next());
    }
    batch.clear();
    List<T> unknown = wanted.stream().filter(id -> reader.known(id) == null).toList();
    if (!unknown.isEmpty()) {
      tables.find(unknown).forEach(row -> batch.put(row.id(), row));
    }
    inBatch = wanted.iterator();
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
    StoredObject object = reader.known(id);
    if (object == null) {
      object = batch.get(id);
    }
    if (object == null) {
      throw DatabaseReader.missing(id, ObjectReader.OBJ_ANY);
    }
    return DatabaseReader.loader(object);
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
    batch.clear();
  }
}
