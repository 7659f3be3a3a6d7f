package io.athena.procedures.generation;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An action with its values.
 *
 * @param over the list over which it is done, one element after the other; null if it is not
 * @param item name of the element
 */
record Filled(Action action, Map<String, Expr> values, @Nullable Expr over, String item) {
  private static final Pattern SLOT = Pattern.compile("\\$([a-z_]+)");

  /** The code with the values in place; {@code out} stands for the result. */
  String code(String out) {
    Matcher slots = SLOT.matcher(action.code());
    return slots.replaceAll(slot -> {
      String name = slot.group(1);
      return Matcher.quoteReplacement(
          name.equals("out")
              ? out
              : Objects.requireNonNull(values.get(name), () -> action.name() + " $" + name)
                  .operand());
    });
  }

  /** The result's type. */
  ValueType type() {
    Action.Output output = action.output();
    Expr like = values.get(output.like());
    Expr.Part.Column column = column();
    if (column != null) {
      return column.rows().type();
    }
    ValueType one = like != null && keepsType(like) ? like.type() : output.type();
    return over == null ? one : one.list();
  }

  /** Elements that are chosen or put in order stay what they were. */
  private boolean keepsType(Expr like) {
    ValueType type = action.output().type();
    return type == ValueType.ANY || (type == ValueType.LIST && like.type().isList());
  }

  /** The field that is changed in each of its records; null if none is. */
  private Expr.Part.@Nullable Column column() {
    Expr changed = values.get(action.output().changed());
    return over != null && changed != null && changed.part() instanceof Expr.Part.Column column
        ? column
        : null;
  }

  /** As an expression. */
  Expr expression() {
    Expr.Part.Column column = column();
    String one =
        column == null
            ? code("")
            : "{**" + column.row() + ", " + column.field() + ": " + code("") + "}";
    String assumption = assumptions();
    if (over == null) {
      return new Expr(one, type(), isAtomic(one), null, null, assumption);
    }
    return new Expr(
        "[" + one + " for " + item + " in " + over.code() + "]",
        type(),
        true,
        null,
        null,
        assumption);
  }

  /** What was taken for granted. */
  String assumptions() {
    return Stream.concat(values.values().stream(), Stream.ofNullable(over))
        .map(Expr::assumption)
        .filter(assumption -> !assumption.isEmpty())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static boolean isAtomic(String code) {
    return code.matches("[\\w.]+")
        || code.matches("[\\w.]+\\([^()]*\\)")
        || code.matches("\\[[^\\[\\]]*]");
  }
}
