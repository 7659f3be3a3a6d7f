package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values that a step can speak of: parameters, then what earlier steps made, newest last. A
 * body of a loop has a scope of its own inside. Not thread-safe.
 */
final class Scope {
  private final @Nullable Scope outer;
  private final List<Variable> variables = new ArrayList<>();
  private final Map<String, Variable> byName = new HashMap<>();
  private final Set<String> taken;
  private final Seen seen;

  private Scope(@Nullable Scope outer, Set<String> taken, Seen seen) {
    this.outer = outer;
    this.taken = taken;
    this.seen = seen;
  }

  /**
   * Of a function.
   *
   * @param taken names that no variable may get; grows
   * @param seen what the examples tell
   */
  static Scope of(Set<String> taken, Seen seen) {
    return new Scope(null, taken, seen);
  }

  /** Inside this one. */
  Scope inner() {
    return new Scope(this, new HashSet<>(taken), seen);
  }

  /** The same values; what is added to one is not seen by the other. */
  Scope copy() {
    Scope copy = new Scope(outer, new HashSet<>(taken), seen);
    copy.variables.addAll(variables);
    copy.byName.putAll(byName);
    return copy;
  }

  /** Adds a variable that steps can write between braces by another name too. */
  void addAs(String name, Variable variable) {
    add(variable);
    byName.put(name, variable);
  }

  void add(Variable variable) {
    variables.add(variable);
    byName.put(variable.name(), variable);
    taken.add(variable.name());
  }

  /** Names that steps can write between braces. */
  Map<String, Variable> names() {
    Map<String, Variable> all = outer == null ? new HashMap<>() : outer.names();
    all.putAll(byName);
    return all;
  }

  /** A name like the wanted one that is not taken. */
  String freshName(String wanted) {
    String name = briefName(wanted);
    taken.add(name);
    return name;
  }

  /** The same for a name that holds within one expression only. */
  String briefName(String wanted) {
    String name = wanted;
    for (int number = 2; taken.contains(name); number++) {
      name = wanted + "_" + number;
    }
    return name;
  }

  boolean isField(String word) {
    return seen.fields().contains(word);
  }

  /** True if the examples have records, so that the names of fields are known. */
  boolean knowsFields() {
    return !seen.fields().isEmpty();
  }

  boolean isValue(String text) {
    return seen.texts().contains(text);
  }

  /** The only field that has this value in the examples' records; null if none or several have. */
  @Nullable String holder(String text) {
    Set<String> holders = seen.holders().getOrDefault(text, Set.of());
    return holders.size() == 1 ? holders.iterator().next() : null;
  }

  /** True if the field is true or false in all of the examples' records that have it. */
  boolean isFlag(String field) {
    return seen.flags().contains(field);
  }

  /** All values, newest first; parameters last, in their order. */
  List<Variable> newestFirst() {
    List<Variable> all = new ArrayList<>();
    for (Scope scope = this; scope != null; scope = scope.outer) {
      all.addAll(scope.variables.reversed());
    }
    List<Variable> parameters = all.stream().filter(Variable::parameter).toList().reversed();
    all.removeIf(Variable::parameter);
    all.addAll(parameters);
    return all;
  }

  /** What the step before made; null if this is the first one. */
  @Nullable Variable latest() {
    return newestFirst().stream().filter(value -> !value.parameter()).findFirst().orElse(null);
  }

  /** The newest value of a type; before any step has made one, the only parameter of it. */
  @Nullable Variable newest(ValueType type) {
    List<Variable> fitting =
        newestFirst().stream().filter(value -> type.accepts(value.type())).toList();
    if (fitting.isEmpty()) {
      return null;
    }
    Variable first = fitting.getFirst();
    boolean sure = !first.parameter() || fitting.size() == 1;
    return sure ? first : null;
  }

  /** The newest value that is called so. */
  @Nullable Variable called(String phrase) {
    String singular = singular(phrase);
    for (Variable variable : newestFirst()) {
      if (variable.spoken().contains(phrase) || variable.spoken().contains(singular)) {
        return variable;
      }
    }
    return null;
  }

  /** How a name is spoken: "old_name" as "old name", the last word in the singular too. */
  static Set<String> spoken(String name) {
    String words =
        name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ")
            .replace('_', ' ')
            .strip()
            .toLowerCase(Locale.ROOT);
    return Stream.of(words, singular(words), name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The last word without its plural ending. */
  static String singular(String phrase) {
    if (phrase.endsWith("people")) {
      return phrase.substring(0, phrase.length() - 6) + "person";
    }
    if (phrase.endsWith("ies") && phrase.length() > 4) {
      return phrase.substring(0, phrase.length() - 3) + "y";
    }
    if (phrase.matches(".*(?:sses|shes|ches|xes)")) {
      return phrase.substring(0, phrase.length() - 2);
    }
    return phrase.endsWith("s") && !phrase.matches(".*(?:ss|us|is)") && phrase.length() > 2
        ? phrase.substring(0, phrase.length() - 1)
        : phrase;
  }
}
