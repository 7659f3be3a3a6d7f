package io.athena.procedures.generation;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what becomes of the rest where a step changes a part: "uppercase the name of each person"
 * changes the people, and "double the even numbers" does not say whether the odd ones are kept.
 */
final class Parts {
  static final String REST =
      "what becomes of the rest? Say which values are to be kept in a step of its own, and what is"
          + " done with them in the next one";

  /** Steps that begin so ask for the part and not for a change of the whole. */
  private static final Set<String> PICKING =
      Set.of(
          "sort", "order", "arrange", "keep", "take", "get", "select", "find", "list", "show",
          "return", "pick", "choose", "collect", "extract", "filter", "give", "fetch", "limit",
          "go", "walk", "step", "loop", "iterate", "look", "read", "parse", "flatten");

  private static final Set<String> SORTING = Set.of("sort", "order", "arrange");

  private Parts() {}

  /**
   * The value that is changed: of a field, such that the records can be changed with it.
   *
   * @return null if it is a part whose rest the step says nothing of
   */
  static @Nullable Expr changed(Expr value, ValueType wanted, References references) {
    Expr.Part part = value.taken();
    if (part == null) {
      return value;
    }
    String verb = verb(references.words());
    boolean sortsPlaces =
        SORTING.contains(verb) && part instanceof Expr.Part.Some(_, boolean placed) && placed;
    if (PICKING.contains(verb) && !sortsPlaces) {
      return value.partOf(null);
    }
    return switch (part) {
      case Expr.Part.Some(boolean each, _) -> each && value.over() != null ? value : null;
      case Expr.Part.Column column ->
          value.over() == null ? null : field(column, wanted, references);
    };
  }

  private static Expr field(Expr.Part.Column column, ValueType wanted, References references) {
    String value = column.row() + "[" + column.field() + "]";
    boolean number = wanted == ValueType.NUMBER;
    if (number) {
      references.needs().addHelper("_number");
    }
    return new Expr(
        number ? "_number(" + value + ")" : value,
        number ? ValueType.NUMBER : ValueType.ANY,
        true,
        null,
        column.rows(),
        column.rows().assumption(),
        column);
  }

  private static String verb(Words words) {
    return words.text().split("[ ,]", 2)[0].toLowerCase(Locale.ROOT);
  }
}
