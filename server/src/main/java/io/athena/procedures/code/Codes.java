package io.athena.procedures.code;

import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.git.ObjectContent;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.Fingerprint;
import io.athena.procedures.procedure.MissingProcedures;
import io.athena.procedures.v1.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

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
    int number = numberIn(version).orElseGet(() -> named(handle, procedureId, version));
    return code(ask(handle, procedureId, number, version, null));
  }

  /**
   * Asks at once for a version and for what a request with this id has made before.
   *
   * @param version as above
   * @param requestId empty if the request has none
   */
  public Found find(long procedureId, String version, String requestId) {
    OptionalInt number = numberIn(version);
    String requestKey = requestId.isEmpty() ? null : requestId;
    Answer answer =
        jdbi.withHandle(handle -> ask(handle, procedureId, number.orElse(0), version, requestKey));
    return new Found(
        Optional.ofNullable(answer.result().earlier()),
        // What has a name takes another look; few runs ask for it.
        number.isPresent() ? () -> code(answer) : () -> resolve(procedureId, version));
  }

  /**
   * What was found.
   *
   * @param earlier what the request has made before
   * @param code as {@link #resolve(long, String)} gives it; throws what that does
   */
  public record Found(Optional<EarlierRequest> earlier, Supplier<RunnableCode> code) {}

  private Answer ask(
      Handle handle, long procedureId, int number, String asked, @Nullable String requestKey) {
    Entry known = cache.get(new Key(procedureId, number));
    return new Answer(
        procedureId,
        number,
        asked,
        known,
        RunnableQuery.ask(
            handle, procedureId, number, known.revision(), known.version(), requestKey));
  }

  /**
   * What the database said.
   *
   * @param known before it was asked
   */
  private record Answer(
      long procedureId, int number, String asked, Entry known, RunnableQuery.Result result) {}

  private RunnableCode code(Answer answer) {
    long procedureId = answer.procedureId();
    RunnableQuery.Row row = answer.result().row();
    if (row == null) {
      throw jdbi.withHandle(handle -> MissingProcedures.byId(handle, procedureId));
    }
    if (answer.number() != 0 && row.version() == 0) {
      throw MissingVersions.of(procedureId, answer.asked(), row.currentVersion());
    }
    Entry entry = answer.known().updatedBy(row);
    if (row.version() > 0 && !entry.equals(answer.known())) {
      cache.put(new Key(procedureId, answer.number()), entry);
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

  /** The number of a version that goes by one, 0 for the current one. */
  private static OptionalInt numberIn(String version) {
    return switch (VersionSpec.parse(version)) {
      case VersionSpec.Current() -> OptionalInt.of(0);
      case VersionSpec.Numbered(int number) when number < SMALLEST_HASH -> OptionalInt.of(number);
      case VersionSpec.Numbered _, VersionSpec.Named _ -> OptionalInt.empty();
    };
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

    Entry updatedBy(RunnableQuery.Row row) {
      return new Entry(
          row.revision(),
          row.definition() == null ? parameters : Definitions.parameters(row.definition()),
          row.definition() == null ? hash : Fingerprint.of(row.name(), row.definition()),
          row.version(),
          row.version() == version ? code : code(row));
    }

    private static String code(RunnableQuery.Row row) {
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
