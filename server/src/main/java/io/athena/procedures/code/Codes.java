package io.athena.procedures.code;

import io.athena.procedures.code.CodeDao.RunnableRow;
import io.athena.procedures.db.DaoInterfaces;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.git.ObjectContent;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.Fingerprint;
import io.athena.procedures.procedure.MissingProcedures;
import io.athena.procedures.v1.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Finds the code to run, in one short statement each time. Thread-safe.
 *
 * <p>Code and definitions never change under the same version and revision, so they are kept in
 * memory; which version is current is asked of the database every time, because another server may
 * have saved a new one.
 */
public final class Codes {
  private static final int MOST_ENTRIES = 1_000;
  private static final long MOST_CHARS = 32L << 20;

  /** From here on a number may also be the beginning of a commit's hash. */
  private static final int SMALLEST_HASH = 1_000_000;

  private final Jdbi jdbi;
  private final Cache cache = new Cache();

  /** On a database with the server's schema. */
  public Codes(Jdbi jdbi) {
    DaoInterfaces.examine(jdbi, CodeDao.class);
    this.jdbi = jdbi;
  }

  /**
   * Gives a version with the definition of its procedure.
   *
   * @param version as in GetProcedureVersionRequest; empty for the current one, and if the
   *     procedure has no code then the result has none
   * @throws NotFoundException if there is no such procedure or version
   */
  public RunnableCode resolve(long procedureId, String version) {
    return jdbi.withHandle(handle -> resolve(handle, procedureId, version));
  }

  /** The same, in a transaction of the caller's. */
  public RunnableCode resolve(Handle handle, long procedureId, String version) {
    return switch (VersionSpec.parse(version)) {
      case VersionSpec.Current() -> resolve(handle, procedureId, 0, version);
      case VersionSpec.Numbered(int given) when given < SMALLEST_HASH ->
          resolve(handle, procedureId, given, version);
      case VersionSpec.Numbered _, VersionSpec.Named _ ->
          resolve(handle, procedureId, named(handle, procedureId, version), version);
    };
  }

  private RunnableCode resolve(Handle handle, long procedureId, int number, String asked) {
    Key key = new Key(procedureId, number);
    Entry known = cache.get(key);
    RunnableRow row =
        handle
            .attach(CodeDao.class)
            .findRunnable(procedureId, number, known.revision(), known.version())
            .orElseThrow(() -> MissingProcedures.byId(handle, procedureId));
    if (number != 0 && row.version() == 0) {
      throw MissingVersions.of(procedureId, asked, row.currentVersion());
    }
    Entry entry = known.updatedBy(row);
    if (row.version() > 0 && !entry.equals(known)) {
      cache.put(key, entry);
    }
    return new RunnableCode(
        procedureId,
        row.project(),
        row.name(),
        entry.parameters(),
        row.version(),
        row.commitId(),
        entry.code(),
        entry.hash(),
        new RunnableCode.Standing(row.policyRevision(), row.judgedBy(), row.refusedFor()));
  }

  private static int named(Handle handle, long procedureId, String name) {
    int newest =
        handle
            .attach(CodeDao.class)
            .currentVersion(procedureId)
            .orElseThrow(() -> MissingProcedures.byId(handle, procedureId));
    return VersionNames.number(handle, procedureId, name, newest);
  }

  /** What was asked for; number 0 stands for the current version. */
  private record Key(long procedureId, int number) {}

  private record Entry(
      long revision, List<Parameter> parameters, String hash, int version, String code) {
    static final Entry NONE = new Entry(-1, List.of(), "", -1, "");

    Entry updatedBy(RunnableRow row) {
      return new Entry(
          row.revision(),
          row.definition() == null ? parameters : Definitions.parameters(row.definition()),
          row.definition() == null ? hash : Fingerprint.of(row.name(), row.definition()),
          row.version(),
          row.version() == version ? code : code(row));
    }

    private static String code(RunnableRow row) {
      return row.version() == 0
          ? ""
          : ObjectContent.text(row.code(), row.content(), row.sizeBytes());
    }
  }

  /** Forgets what was not used for the longest time. */
  private static final class Cache {
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long chars;

    synchronized Entry get(Key key) {
      return entries.getOrDefault(key, Entry.NONE);
    }

    synchronized void put(Key key, Entry entry) {
      Entry before = entries.put(key, entry);
      chars += entry.code().length() - (before == null ? 0 : before.code().length());
      var oldest = entries.entrySet().iterator();
      while (entries.size() > MOST_ENTRIES || chars > MOST_CHARS) {
        chars -= oldest.next().getValue().code().length();
        oldest.remove();
      }
    }
  }
}
