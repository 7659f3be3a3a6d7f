package io.athena.procedures.procedure;

import io.athena.procedures.error.Violations;

/** Rules for text in requests. Lengths are in characters of Unicode (code points). */
public final class TextRules {
  private TextRules() {}

  /** Notes if a text is too long, or holds what neither the database nor Python's text can. */
  public static void check(Violations violations, String field, String text, int most) {
    // A text of few chars cannot have many characters, and most texts are short.
    if (text.length() > most) {
      int length = text.codePointCount(0, text.length());
      violations.check(
          length <= most,
          field,
          "has %d characters; at most %d are allowed".formatted(length, most));
    }
    checkCharacters(violations, field, text);
  }

  /** The same for a text that must not be empty. */
  public static void checkRequired(Violations violations, String field, String text, int most) {
    violations.check(!text.isEmpty(), field, "must not be empty");
    check(violations, field, text, most);
  }

  /** Notes if a request_id breaks its rule. */
  public static void checkRequestId(Violations violations, String requestId) {
    violations.check(
        requestId.length() <= 100 && requestId.chars().allMatch(c -> c >= ' ' && c <= '~'),
        "request_id",
        "must be at most 100 printable ASCII characters");
  }

  /** Notes if a text holds NUL or half of a surrogate pair. */
  public static void checkCharacters(Violations violations, String field, String text) {
    violations.check(text.indexOf('\0') < 0, field, "must not hold the character NUL (U+0000)");
    violations.check(
        text.codePoints().noneMatch(TextRules::isSurrogate),
        field,
        "must not hold an unpaired surrogate (U+D800 to U+DFFF)");
  }

  /** A pair of surrogates is one code point above U+FFFF, so a surrogate left is unpaired. */
  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /**
   * The beginning of a text, with an ellipsis in place of the rest if it has more than so many
   * characters.
   */
  public static String shortened(String text, int most) {
    return text.length() <= most || text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
  }

  /** Shows a caller's text in a message: in quotes, and never long or with control characters. */
  public static String quote(String text) {
    int most = 60;
    StringBuilder shown = new StringBuilder("'");
    text.codePoints()
        .limit(most)
        .map(c -> Character.isISOControl(c) || isSurrogate(c) ? '?' : c)
        .forEach(shown::appendCodePoint);
    if (text.codePointCount(0, text.length()) > most) {
      shown.append("…");
    }
    return shown.append('\'').toString();
  }
}
