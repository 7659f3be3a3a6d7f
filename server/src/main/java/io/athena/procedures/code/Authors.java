package io.athena.procedures.code;

import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.TextRules;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.PersonIdent;

/** Authors as commits have them. */
final class Authors {
  private static final Pattern NAME_AND_EMAIL = Pattern.compile("([^<>]*)<([^<>]*)>\\s*");

  private static final int LONGEST = 200;

  private Authors() {}

  /** Notes if an author that a caller gives breaks its rule. */
  static void check(Violations violations, String author) {
    TextRules.check(violations, "author", author, LONGEST);
    violations.check(
        // NUL is told of already.
        author.chars().noneMatch(c -> c != 0 && Character.isISOControl(c)),
        "author",
        "must be one line without control characters, such as 'Ada <ada@example.org>'");
  }

  /**
   * The author of a commit, whose e-mail address is empty if {@code author} has none: "Ada" or "Ada
   * {@literal <ada@example.org>}".
   */
  static PersonIdent of(String author, Instant time) {
    Matcher both = NAME_AND_EMAIL.matcher(author);
    String name = both.matches() ? both.group(1) : author;
    String email = both.matches() ? both.group(2) : "";
    PersonIdent ident = new PersonIdent(clean(name), clean(email), time, ZoneOffset.UTC);
    // Git drops more characters at the ends, and finds fault with a name of which nothing is left.
    boolean nameless = ident.toExternalString().startsWith(" <");
    return nameless ? new PersonIdent("unknown", clean(email), time, ZoneOffset.UTC) : ident;
  }

  /** Git's format gives these characters a meaning. */
  private static String clean(String text) {
    return text.replaceAll("[<>\\p{Cntrl}]", " ").strip();
  }
}
