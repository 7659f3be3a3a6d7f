package io.athena.procedures.generation;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads how many there are, or which of them is meant: digits, a word, or a variable. */
final class Counts {
  private static final List<String> NUMBERS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve");

  private static final List<String> ORDINALS =
      List.of("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth");

  private final References references;

  Counts(References references) {
    this.references = references;
  }

  /** A count; null if the phrase is none. */
  @Nullable Expr count(String phrase) {
    if (phrase.matches("\\d{1,9}")) {
      return Expr.atom(phrase, ValueType.NUMBER);
    }
    Expr word = word(phrase.toLowerCase(Locale.ROOT));
    if (word != null) {
      return word;
    }
    Scope scope = references.scope();
    if (references.words().mark(phrase) instanceof Words.Mark.Named(String name)) {
      Variable variable = Templates.variable(name, scope, references.needs());
      return variable == null || !ValueType.NUMBER.accepts(variable.type())
          ? null
          : counted(variable);
    }
    Variable named = scope.names().get(phrase);
    return named != null && named.type() == ValueType.NUMBER ? counted(named) : null;
  }

  /** A place in a list: a count, or "second". */
  @Nullable Expr place(String phrase) {
    int ordinal = ORDINALS.indexOf(phrase.toLowerCase(Locale.ROOT));
    return ordinal < 0 ? count(phrase) : Expr.atom(Integer.toString(ordinal + 2), ValueType.NUMBER);
  }

  /** The number that a word in lower case says; null if it says none. */
  static @Nullable Expr word(String lower) {
    int number = NUMBERS.indexOf(lower);
    return number < 0 ? null : Expr.atom(Integer.toString(number), ValueType.NUMBER);
  }

  private Expr counted(Variable variable) {
    references.needs().addHelper("_count");
    return Expr.atom("_count(" + variable.name() + ")", ValueType.NUMBER);
  }
}
