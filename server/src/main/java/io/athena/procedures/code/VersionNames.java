package io.athena.procedures.code;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.TextRules;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Finds which version a caller means. */
final class VersionNames {
  private static final int WHOLE_HASH = 40;
  private static final int MOST_SHOWN = 5;

  private VersionNames() {}

  /**
   * The number of the version that a caller names; there may be none with it.
   *
   * @param newest number of the newest version, 0 if there is no code
   * @throws NotFoundException if no version has such a tag or hash
   * @throws InvalidArgumentException with reason VERSION_AMBIGUOUS if several commits have it
   */
  static int number(Handle handle, long procedureId, String asked, int newest) {
    return switch (VersionSpec.parse(asked)) {
      case VersionSpec.Current() -> newest;
      case VersionSpec.Numbered(int given) ->
          // One abbreviated hash in thirty has no letter in it.
          given > newest && VersionSpec.HASH.matcher(asked).matches()
              ? byHash(handle.attach(VersionNameDao.class), procedureId, asked, newest)
              : given;
      case VersionSpec.Named(String name) -> named(handle, procedureId, name, newest);
    };
  }

  private static int named(Handle handle, long procedureId, String name, int newest) {
    if (name.indexOf('\0') >= 0) {
      throw MissingVersions.of(procedureId, name, newest);
    }
    VersionNameDao dao = handle.attach(VersionNameDao.class);
    return dao.byTag(procedureId, name)
        .orElseGet(() -> {
          if (VersionSpec.SHORT_HASH.matcher(name).matches()) {
            throw MissingVersions.ofFewDigits(procedureId, name, newest);
          }
          if (!VersionSpec.HASH.matcher(name).matches()) {
            throw MissingVersions.of(procedureId, name, newest);
          }
          return byHash(dao, procedureId, name, newest);
        });
  }

  private static int byHash(VersionNameDao dao, long procedureId, String asked, int newest) {
    String first = asked.toLowerCase(Locale.ROOT);
    String last = first + "g";
    List<VersionNameDao.Commit> commits = dao.byCommit(procedureId, first, last, MOST_SHOWN + 1);
    if (commits.size() > 1) {
      throw ambiguous(procedureId, asked, commits);
    }
    if (commits.isEmpty()) {
      throw dao.procedureWithCommit(first, last)
          .map(other -> MissingVersions.ofAnother(procedureId, asked, newest, other))
          .orElseGet(() -> MissingVersions.of(procedureId, asked, newest));
    }
    return commits.getFirst().version();
  }

  private static InvalidArgumentException ambiguous(
      long procedureId, String asked, List<VersionNameDao.Commit> commits) {
    String candidates =
        commits.stream()
            .limit(MOST_SHOWN)
            .map(commit -> commit.commitId() + " (v" + commit.version() + ")")
            .collect(Collectors.joining(", "));
    return new InvalidArgumentException(
        "VERSION_AMBIGUOUS",
        List.of(
            new InvalidArgumentException.Violation(
                "version",
                "%s fits several commits of procedure %d: %s%s; give more of its %d digits"
                    .formatted(
                        TextRules.quote(asked),
                        procedureId,
                        candidates,
                        commits.size() > MOST_SHOWN ? " and more" : "",
                        WHOLE_HASH))));
  }
}
