package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what a step says is to be returned. */
final class Results {
  /** How what has become of a value is spoken of, followed by what the value is called. */
  static final String CHANGED = "changed ";

  private final References references;

  Results(References references) {
    this.references = references;
  }

  /** One value, or several as an object with the names the step uses; null if it cannot be read. */
  @Nullable Expr read(String phrase) {
    if (phrase.equalsIgnoreCase("both")) {
      return both();
    }
    Variable changed = changed(phrase.toLowerCase(Locale.ROOT));
    if (changed != null) {
      return Expr.of(changed);
    }
    Expr one = references.value(phrase, ValueType.ANY);
    if (one != null && one.over() == null) {
      return one;
    }
    if (one != null && one.over() != null) {
      return Expr.atom(
          "[" + one.code() + " for " + item(one) + " in " + one.over().code() + "]",
          ValueType.LIST);
    }
    String[] names = phrase.split(",? and |, ");
    return names.length < 2 ? null : object(names);
  }

  /**
   * "The text" that is returned after "reverse the text" is the reversed one, though one step may
   * compare the two; null if nothing has become of what is called so.
   */
  private @Nullable Variable changed(String name) {
    for (Variable variable : references.scope().newestFirst()) {
      if (variable.spoken().contains(CHANGED + name)) {
        return variable;
      }
      if (variable.spoken().contains(name)) {
        return null;
      }
    }
    return null;
  }

  private static String item(Expr each) {
    return each.code().replaceFirst("\\W.*$", "");
  }

  private @Nullable Expr object(String[] names) {
    List<String> fields = new ArrayList<>();
    for (String name : names) {
      Expr value = references.value(name, ValueType.ANY);
      if (value == null || value.over() != null) {
        return null;
      }
      String key = name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "_");
      fields.add(PythonText.literal(name.contains("§") ? value.code() : key) + ": " + value.code());
    }
    return Expr.atom("{" + String.join(", ", fields) + "}", ValueType.RECORD);
  }

  /** The two values made last, in the order in which they were made. */
  private @Nullable Expr both() {
    List<Variable> made =
        references.scope().newestFirst().stream()
            .filter(variable -> !variable.parameter())
            .limit(2)
            .toList();
    return made.size() < 2
        ? null
        : Expr.atom(
            made.reversed().stream()
                .map(Variable::name)
                .collect(Collectors.joining(", ", "[", "]")),
            ValueType.LIST);
  }
}
