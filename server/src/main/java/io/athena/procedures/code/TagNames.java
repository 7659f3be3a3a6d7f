package io.athena.procedures.code;

import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.TextRules;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Repository;

/** The rules for names that callers give to versions. */
final class TagNames {
  private static final Pattern CHARACTERS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,99}");
  private static final Pattern NUMBER = Pattern.compile("[vV]?[0-9]+");

  private TagNames() {}

  /** A name must be told from numbers and hashes, and git must accept it. */
  static void check(Violations violations, String tag) {
    if (!CHARACTERS.matcher(tag).matches()) {
      violations.check(
          false,
          "tag",
          "must be 1 to 100 ASCII letters, digits, '.', '_', '-' or '+', beginning with a letter or digit; it is "
              + TextRules.quote(tag));
      return;
    }
    violations.check(
        !NUMBER.matcher(tag).matches(),
        "tag",
        "must not look like a version's number; every version has its own 'v<number>'");
    violations.check(
        !VersionSpec.HASH.matcher(tag).matches(),
        "tag",
        "must not look like a commit hash (7 to 40 hexadecimal digits)");
    violations.check(
        !tag.equalsIgnoreCase(Constants.HEAD), "tag", "must not be HEAD, which is git's own");
    violations.check(
        Repository.isValidRefName(Constants.R_TAGS + tag),
        "tag",
        "must be a name that git accepts: no '..', and no '.' or '.lock' at its end");
  }
}
