package io.athena.procedures.generation;

import io.athena.procedures.v1.ParameterType;

/** What kind of value flows from one step to the next. */
enum ValueType {
  ANY("Any"),
  TEXT("str"),
  NUMBER("float"),
  BOOLEAN("bool"),
  /** Of elements of which nothing is known. */
  LIST("list[Any]"),
  TEXTS("list[str]"),
  NUMBERS("list[float]"),
  /** Name of a file in the workspace. */
  PATH("str"),
  RECORD("dict[str, Any]"),
  /** Records with the same fields. */
  TABLE("list[dict[str, Any]]"),
  NOTHING("None");

  private final String annotation;

  ValueType(String annotation) {
    this.annotation = annotation;
  }

  /** As Python's type hints write it. */
  String annotation() {
    return annotation;
  }

  boolean isList() {
    return this == LIST || this == TEXTS || this == NUMBERS || this == TABLE;
  }

  /** True if a value of the other type can be used where this one is wanted. */
  boolean accepts(ValueType have) {
    if (have == NOTHING) {
      return false;
    }
    return this == ANY
        || this == have
        || have == ANY
        || (this == LIST && have.isList())
        || (isList() && have == LIST);
  }

  /** The type of a list's elements. */
  ValueType element() {
    return switch (this) {
      case TEXTS -> TEXT;
      case NUMBERS -> NUMBER;
      case TABLE -> RECORD;
      default -> ANY;
    };
  }

  /** The type of a list of these. */
  ValueType list() {
    return switch (this) {
      case TEXT -> TEXTS;
      case NUMBER -> NUMBERS;
      case RECORD -> TABLE;
      default -> LIST;
    };
  }

  static ValueType of(ParameterType type) {
    return switch (type) {
      case PARAMETER_TYPE_STRING -> TEXT;
      case PARAMETER_TYPE_INTEGER, PARAMETER_TYPE_NUMBER -> NUMBER;
      case PARAMETER_TYPE_BOOLEAN -> BOOLEAN;
      case PARAMETER_TYPE_ARRAY -> LIST;
      case PARAMETER_TYPE_OBJECT -> RECORD;
      case PARAMETER_TYPE_UNSPECIFIED, UNRECOGNIZED -> ANY;
    };
  }
}
