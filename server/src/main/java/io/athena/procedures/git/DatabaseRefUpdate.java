package io.athena.procedures.git;

import io.athena.procedures.git.GitTables.RefChange;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefDatabase;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;

/**
 * Changes one ref. There is no lock: the statement that changes it says what it must have been, and
 * whoever comes second gets LOCK_FAILURE.
 */
final class DatabaseRefUpdate extends RefUpdate {
  private final Repository repository;
  private final GitTables tables;

  DatabaseRefUpdate(Repository repository, GitTables tables, Ref ref) {
    super(ref);
    this.repository = repository;
    this.tables = tables;
  }

  @Override
  protected RefDatabase getRefDatabase() {
    return repository.getRefDatabase();
  }

  @Override
  protected Repository getRepository() {
    return repository;
  }

  @Override
  protected boolean tryLock(boolean deref) throws IOException {
    Ref now = getRefDatabase().exactRef(getName());
    setOldObjectId(now == null ? null : now.getObjectId());
    return true;
  }

  @Override
  protected void unlock() {}

  @Override
  protected Result doUpdate(Result wanted) throws IOException {
    return change(Objects.requireNonNull(getNewObjectId(), "new id"), wanted);
  }

  @Override
  protected Result doDelete(Result wanted) throws IOException {
    return change(ObjectId.zeroId(), wanted);
  }

  private Result change(ObjectId target, Result wanted) throws IOException {
    RefChange change = new RefChange(orZero(getOldObjectId()), target);
    return tables.change(Map.of(getName(), change)).isEmpty() ? Result.LOCK_FAILURE : wanted;
  }

  private static ObjectId orZero(@Nullable ObjectId id) {
    return id == null ? ObjectId.zeroId() : id;
  }

  @Override
  protected Result doLink(String target) throws IOException {
    throw new IOException("this repository keeps no symbolic refs; HEAD is its first branch");
  }
}
