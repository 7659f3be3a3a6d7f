package io.athena.procedures.generation;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in a place of a pattern.
 *
 * @param value the type of the value that is spoken of; null if it is none
 */
record SlotType(Kind kind, @Nullable ValueType value) {
  private static final String WORD = "[\\p{L}_][\\p{L}\\p{N}_'’/-]*";
  private static final String MARK = "§\\d+§";
  private static final String NUMBER = "-?\\d+(?:\\.\\d+)?%?";
  private static final String REFERENCE =
      "(?:"
          + NUMBER
          + "|(?:"
          + WORD
          + "|"
          + MARK
          + ")(?: (?:"
          + WORD
          + "|"
          + NUMBER
          + "|"
          + MARK
          + ")){0,8}?)";

  /** How the place is read. */
  enum Kind {
    /** A value: named, quoted, a number, or a noun that stands for one. */
    VALUE,
    /** The name of a field of a record. */
    FIELD,
    /** What is said of each element of a list, such as "whose age is at least 18". */
    PREDICATE,
    /** A way of writing dates, such as DD.MM.YYYY. */
    DATE_FORMAT,
    /** A day of the week. */
    WEEKDAY,
    /** A text that the words give: in quotes, or one that the examples have. */
    LITERAL,
    /** The name of a tool, such as fetch_page or http.get. */
    TOOL,
    /** The address of something on the web: written out, or a value that is called so. */
    ADDRESS,
    /** A command of a shell: written out, or a parameter that is one as a whole. */
    COMMAND,
    /** A count given in the step itself: digits, a word such as "three", or a variable. */
    COUNT
  }

  /** Of its name in the catalogue. */
  static SlotType of(String name) {
    return switch (name) {
      case "field" -> new SlotType(Kind.FIELD, null);
      case "predicate" -> new SlotType(Kind.PREDICATE, null);
      case "weekday" -> new SlotType(Kind.WEEKDAY, ValueType.TEXT);
      case "dateformat" -> new SlotType(Kind.DATE_FORMAT, null);
      case "toolname" -> new SlotType(Kind.TOOL, ValueType.TEXT);
      case "address" -> new SlotType(Kind.ADDRESS, ValueType.TEXT);
      case "command" -> new SlotType(Kind.COMMAND, ValueType.TEXT);
      case "literal" -> new SlotType(Kind.LITERAL, ValueType.TEXT);
      case "count" -> new SlotType(Kind.COUNT, ValueType.NUMBER);
      default -> new SlotType(Kind.VALUE, ValueType.valueOf(name.toUpperCase(Locale.ROOT)));
    };
  }

  /** Who reads the texts that stand there. */
  Syntax syntax() {
    return switch (kind) {
      case ADDRESS -> Syntax.ADDRESS;
      case COMMAND -> Syntax.COMMAND;
      case VALUE, FIELD, PREDICATE, DATE_FORMAT, WEEKDAY, LITERAL, TOOL, COUNT -> Syntax.TEXT;
    };
  }

  boolean isLiteral() {
    return kind == Kind.LITERAL;
  }

  /** A regular expression, without groups, for the words that can stand there. */
  String regexp() {
    return switch (kind) {
      case VALUE, LITERAL, ADDRESS, COMMAND -> REFERENCE;
      case FIELD -> "(?:" + MARK + "|[\\p{L}_][\\p{L}\\p{N}_.-]*(?: [\\p{L}\\p{N}_-]+){0,2}?)";
      case PREDICATE -> ".+";
      case WEEKDAY -> "(?:mon|tues|wednes|thurs|fri|satur|sun)days?";
      case DATE_FORMAT -> "(?:" + MARK + "|[DMYHSdmyhs./: -]{2,20})";
      case TOOL -> "(?:" + MARK + "|[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)";
      case COUNT -> "(?:\\d+|" + MARK + "|[\\p{L}_]+)";
    };
  }
}
