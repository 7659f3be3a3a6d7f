package io.athena.procedures.generation;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Words that say what kind of value is meant and not which, and such as stand for any. */
final class Kinds {
  /** What stands for a value of any kind. */
  static final Set<String> PRONOUNS =
      Set.of(
          "it",
          "them",
          "this",
          "that",
          "these",
          "those",
          "result",
          "results",
          "output",
          "everything",
          "all",
          "all of them",
          "both",
          "one",
          "ones",
          "value",
          "values",
          "answer",
          "outcome");

  /** "Is a Friday" and "in March" say something of a date, whatever its text is. */
  static final Set<String> CALENDAR =
      Set.of(
          "Monday",
          "Tuesday",
          "Wednesday",
          "Thursday",
          "Friday",
          "Saturday",
          "Sunday",
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");

  private Kinds() {}

  /** Names and lines are texts; a list of which nothing is known may hold anything. */
  static boolean isSurely(ValueType type, ValueType kind, String phrase) {
    return switch (kind) {
      case TEXTS -> type == ValueType.TEXTS;
      case NUMBERS -> type == kind || Scope.singular(phrase).equals("number");
      default -> true;
    };
  }

  /** Nouns that say what kind of value is meant and not which. */
  static @Nullable ValueType of(String singular) {
    return switch (singular) {
      case "text", "content", "message", "document", "body", "sentence", "phrase" -> ValueType.TEXT;
      case "list", "item", "element", "entry", "array", "collection", "member" -> ValueType.LIST;
      case "line", "word", "name", "match", "string" -> ValueType.TEXTS;
      case "number", "figure", "amount" -> ValueType.NUMBERS;
      case "row", "record", "table", "csv row", "data" -> ValueType.TABLE;
      case "object", "dictionary", "mapping", "map", "dict", "json object" -> ValueType.RECORD;
      case "file", "path", "file name" -> ValueType.PATH;
      default -> null;
    };
  }
}
