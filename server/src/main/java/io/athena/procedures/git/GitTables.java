package io.athena.procedures.git;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one project's repository. Failures of the database become {@link IOException}s, which
 * is what JGit expects of a storage; see {@link DatabaseFailure}.
 */
final class GitTables {
  /** Above every character of a ref's name, which are all ASCII. */
  private static final char AFTER_ALL = '\u007f';

  private final String project;
  private final Lender lender;

  /** Lends access to the tables for the time of a statement. */
  private interface Lender {
    <T> T lend(Function<GitDao, T> work);
  }

  private GitTables(String project, Lender lender) {
    this.project = project;
    this.lender = lender;
  }

  /** Every statement for itself. */
  static GitTables of(Jdbi jdbi, String project) {
    return new GitTables(
        project,
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
        new Lender() {
          @Override
          public <T> T lend(Function<GitDao, T> work) {
            return work.apply(dao);
          }
        });
  }

  Optional<StoredObject> find(AnyObjectId id) throws IOException {
    return ask(dao -> dao.find(project, bytes(id)));
  }

  List<StoredObject> find(List<? extends AnyObjectId> ids) throws IOException {
    ByteaArray keys = ByteaArray.of(ids, GitTables::bytes);
    return ask(dao -> dao.find(project, keys));
  }

  Optional<GitDao.Header> findHeader(AnyObjectId id) throws IOException {
    return ask(dao -> dao.findHeader(project, bytes(id)));
  }

  List<StoredObject> commitsAndTrees(int most) throws IOException {
    return ask(dao -> dao.commitsAndTrees(project, most));
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

  /** At most so many refs whose names begin with {@code prefix}, by name. */
  List<GitDao.RefRow> refsFrom(String prefix, int most) throws IOException {
    // The database refuses NUL, and no ref has it.
    return prefix.indexOf('\0') >= 0
        ? List.of()
        : ask(dao -> dao.refsBetween(project, prefix, prefix + AFTER_ALL, most));
  }

  /**
   * Changes refs in one statement, each only if it is as expected.
   *
   * @param changes by name, in any order that does not change
   * @return the names of those that were as expected
   */
  List<String> change(Map<String, RefChange> changes) throws IOException {
    List<String> names = List.copyOf(changes.keySet());
    List<RefChange> wanted = List.copyOf(changes.values());
    ByteaArray olds = ByteaArray.of(wanted, change -> bytesOrNull(change.old()));
    ByteaArray news = ByteaArray.of(wanted, change -> bytesOrNull(change.target()));
    return ask(dao -> dao.change(project, names, olds, news));
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

  private static byte @Nullable [] bytesOrNull(AnyObjectId id) {
    return id.equals(ObjectId.zeroId()) ? null : bytes(id);
  }
}
