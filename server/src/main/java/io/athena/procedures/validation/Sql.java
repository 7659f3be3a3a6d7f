package io.athena.procedures.validation;

/** Tells statements of SQL from other text. */
final class Sql {
  /** Each with the word that must follow somewhere. */
  private static final java.util.regex.Pattern STATEMENT =
      java.util.regex.Pattern.compile(
          "\\s*(?:(?:select|delete)\\b[^;]*?\\sfrom\\s|insert\\s+into\\s|replace\\s+into\\s"
              + "|update\\s[^;]*?\\sset\\s|with\\s[^;]*?\\bselect\\s|drop\\s+table\\s|alter\\s+table\\s)",
          java.util.regex.Pattern.CASE_INSENSITIVE);

  private Sql() {}

  /** Looks at a beginning; values that are put in may be written {@code {}}. */
  static boolean isStatement(String text) {
    return STATEMENT.matcher(text + " ").lookingAt();
  }
}
