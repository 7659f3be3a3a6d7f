package io.athena.procedures.procedure;

import java.text.Normalizer;
import java.util.Set;

/** Which names Python takes for parameters. */
final class PythonNames {
  /** The hard keywords of Python 3; soft ones such as {@code match} are names like any other. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "False",
          "None",
          "True",
          "and",
          "as",
          "assert",
          "async",
          "await",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "try",
          "while",
          "with",
          "yield");

  private PythonNames() {}

  static boolean isKeyword(String name) {
    return KEYWORDS.contains(name);
  }

  /**
   * True if a parameter can have this name. Python brings names in source into the form NFKC, so
   * that in another form would never meet its parameter.
   */
  static boolean isIdentifier(String name) {
    return !name.isEmpty()
        && isStart(name.codePointAt(0))
        && name.codePoints().allMatch(PythonNames::isPart)
        && Normalizer.isNormalized(name, Normalizer.Form.NFKC);
  }

  private static boolean isStart(int codePoint) {
    return codePoint == '_' || Character.isUnicodeIdentifierStart(codePoint);
  }

  private static boolean isPart(int codePoint) {
    return Character.isUnicodeIdentifierPart(codePoint)
        && !Character.isIdentifierIgnorable(codePoint);
  }
}
