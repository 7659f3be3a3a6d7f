package io.athena.procedures.generation;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An action with its values.
 *
 * @param renamed what the action's own variables are called here, where something else has their
 *     names
 * @param over the list over which it is done, one element after the other; null if it is not
 * @param item name of the element
 */
record Filled(
    Action action,
    Map<String, Expr> values,
    Map<String, String> renamed,
    @Nullable Expr over,
    String item) {
  private static final Pattern SLOT = Pattern.compile("\\$([a-z_]+)");
  private static final Pattern VARIABLES =
      Pattern.compile(
          "\\bfor ([\\w, ()]+?) in\\b|\\blambda ([\\w, ]+):|\\bas (\\w+):|(?m)^ *([a-z_][\\w, ]*?) = ");

  /** In code where the scope's names are taken. */
  static Filled of(
      Action action, Map<String, Expr> values, @Nullable Expr over, String item, Scope scope) {
    return new Filled(action, values, renamed(action, values, scope), over, item);
  }

  /** The action's own variables whose names something has here that its values speak of. */
  private static Map<String, String> renamed(Action action, Map<String, Expr> values, Scope scope) {
    boolean hasPredicate =
        action.inputs().values().stream().anyMatch(slot -> slot.kind() == SlotType.Kind.PREDICATE);
    Map<String, String> renamed = new TreeMap<>();
    for (String name : variables(action.code())) {
      String free = scope.briefName(name);
      boolean isElement = hasPredicate && name.equals(Conditions.ELEMENT);
      // What is made in an expression is gone after it; what lines make stays.
      boolean hides = action.isBlock() && !free.equals(name);
      if (!isElement) {
        hides |= speaks(values, name);
        for (int number = 2; hides && (free.equals(name) || speaks(values, free)); number++) {
          free = scope.briefName(name + "_" + number);
        }
      } else {
        hides = !free.equals(name);
      }
      if (hides) {
        renamed.put(name, free);
      }
    }
    return renamed;
  }

  private static boolean speaks(Map<String, Expr> values, String name) {
    Pattern mention = Pattern.compile("\\b" + name + "\\b");
    return values.values().stream().anyMatch(value -> mention.matcher(value.code()).find());
  }

  /** The variables that the action's code makes for itself. */
  private static Set<String> variables(String code) {
    return VARIABLES
        .matcher(code)
        .results()
        .flatMap(found ->
            IntStream.rangeClosed(1, found.groupCount())
                .mapToObj(found::group)
                .filter(Objects::nonNull))
        .flatMap(names -> Stream.of(names.split("[^\\w]+")))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private String renamedCode() {
    String code = action.code();
    for (Map.Entry<String, String> name : renamed.entrySet()) {
      // Not an attribute, a slot, a text or the name of an argument.
      code =
          code.replaceAll(
              "(?<![.$\\w\"'])" + name.getKey() + "(?![\\w\"']|=[^=])", name.getValue());
    }
    return code;
  }

  /** The code with the values in place; {@code out} stands for the result. */
  String code(String out) {
    Matcher slots = SLOT.matcher(renamedCode());
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
