package io.athena.procedures.generation;

import org.jspecify.annotations.Nullable;

/**
 * A Python expression for a value.
 *
 * @param atomic true if it can be used as an operand without parentheses
 * @param variable the variable it is, if it is nothing else
 * @param over for the element of a list that a step speaks of as "each": the list
 * @param assumption what was taken for granted about the words; empty if nothing was
 */
record Expr(
    String code,
    ValueType type,
    boolean atomic,
    @Nullable Variable variable,
    @Nullable Expr over,
    String assumption) {

  static Expr atom(String code, ValueType type) {
    return new Expr(code, type, true, null, null, "");
  }

  static Expr operation(String code, ValueType type) {
    return new Expr(code, type, false, null, null, "");
  }

  static Expr of(Variable variable) {
    return new Expr(variable.name(), variable.type(), true, variable, null, "");
  }

  /** As an operand. */
  String operand() {
    return atomic ? code : "(" + code + ")";
  }

  Expr assuming(String what) {
    return new Expr(code, type, atomic, variable, over, what);
  }

  /** An element of this list, under a name of its own; with an assumption if this has one. */
  Expr each(String item) {
    return new Expr(item, type.element(), true, null, this, assumption);
  }
}
