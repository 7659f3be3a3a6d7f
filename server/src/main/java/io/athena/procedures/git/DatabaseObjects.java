package io.athena.procedures.git;

import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;

/** The objects of a repository. */
final class DatabaseObjects extends ObjectDatabase {
  private final GitTables tables;

  DatabaseObjects(GitTables tables) {
    this.tables = tables;
  }

  @Override
  public ObjectInserter newInserter() {
    return new DatabaseInserter(tables);
  }

  @Override
  public ObjectReader newReader() {
    return new DatabaseReader(tables);
  }

  @Override
  public long getApproximateObjectCount() {
    return -1;
  }

  @Override
  public void close() {}
}
