package io.athena.procedures.git;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.transport.PackParser;

/**
 * Collects objects and writes all of them with one statement on {@link #flush()}. What was not
 * flushed is gone after {@link #close()}. Not thread-safe.
 */
final class DatabaseInserter extends ObjectInserter {
  private final GitTables tables;
  private final Map<ObjectId, StoredObject> collected = new LinkedHashMap<>();

  DatabaseInserter(GitTables tables) {
    this.tables = tables;
  }

  @Override
  public ObjectId insert(int type, byte[] data, int offset, int length) {
    ObjectId id = idFor(type, data, offset, length);
    if (!collected.containsKey(id)) {
      byte[] content = new byte[length];
      System.arraycopy(data, offset, content, 0, length);
      collected.put(id, StoredObject.of(id, type, content));
    }
    return id;
  }

  @Override
  public ObjectId insert(int type, long length, InputStream in) throws IOException {
    byte[] content = in.readNBytes(Math.toIntExact(length));
    if (content.length != length) {
      throw new IOException(
          "the stream of an object ended after %d of %d bytes".formatted(content.length, length));
    }
    return insert(type, content, 0, content.length);
  }

  /** Objects come from saved code only, never from a client's pack. */
  @Override
  public PackParser newPackParser(InputStream in) {
    throw new UnsupportedOperationException("this repository is not pushed to");
  }

  /** Sees what was collected, too. */
  @Override
  public ObjectReader newReader() {
    return new DatabaseReader(tables, this, collected);
  }

  @Override
  public void flush() throws IOException {
    if (!collected.isEmpty()) {
      tables.insert(collected.values());
      collected.clear();
    }
  }

  @Override
  public void close() {
    collected.clear();
  }
}
