package io.athena.procedures.generation;

import org.jspecify.annotations.Nullable;

/**
 * A Python expression for a value.
 *
 * @param atomic true if it can be used as an operand without parentheses
 * @param variable the variable it is, if it is nothing else
 * @param over for the element of a list that a step speaks of as "each": the list
 * @param assumption what was taken for granted about the words; empty if nothing was
 * @param part of what it is a part; null if it is a value of its own
 */
record Expr(
    String code,
    ValueType type,
    boolean atomic,
    @Nullable Variable variable,
    @Nullable Expr over,
    String assumption,
    @Nullable Part part) {

  /** What a value is taken out of, which must not get lost where the value is changed. */
  sealed interface Part {
    /**
     * A field of each of some records.
     *
     * @param row what one of them is called in the code
     * @param field its name, as Python writes it
     */
    record Column(Expr rows, String row, String field) implements Part {}

    /**
     * Some elements of a list, or some words of a text.
     *
     * @param each true if they are changed one by one, which makes a list of them
     * @param placed true if they are told by their places, so that sorting them sorts these only
     */
    record Some(boolean each, boolean placed) implements Part {}
  }

  Expr(
      String code,
      ValueType type,
      boolean atomic,
      @Nullable Variable variable,
      @Nullable Expr over,
      String assumption) {
    this(code, type, atomic, variable, over, assumption, null);
  }

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
    return new Expr(code, type, atomic, variable, over, what, part);
  }

  /** The same as a part of something. */
  Expr partOf(@Nullable Part whole) {
    return new Expr(code, type, atomic, variable, over, assumption, whole);
  }

  /** What it, or the list of which it is an element, is a part of; null if of nothing. */
  @Nullable Part taken() {
    return part == null && over != null ? over.part() : part;
  }

  /** An element of this list, under a name of its own; with an assumption if this has one. */
  Expr each(String item) {
    return new Expr(item, type.element(), true, null, this, assumption);
  }
}
