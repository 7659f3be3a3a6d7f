package io.athena.procedures.procedure;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.ParameterType;
import java.util.Optional;

/** Rules for JSON values in requests: their type, size and depth, and what they hold. */
public final class ParameterValues {
  /** Deepest nesting of arrays and objects; an object of plain values has depth 1. */
  public static final int MOST_LEVELS = 32;

  /** Integers up to this are exact in a double, which is what a JSON number is here. */
  private static final double LARGEST_INTEGER = 0x1p53;

  private ParameterValues() {}

  /**
   * Says what is wrong with a value for a parameter of a type, such as "must be a string but is the
   * number 3"; empty if nothing is.
   */
  public static Optional<String> problem(Value value, ParameterType type) {
    boolean fits =
        switch (type) {
          case PARAMETER_TYPE_UNSPECIFIED -> value.getKindCase() != Value.KindCase.KIND_NOT_SET;
          case PARAMETER_TYPE_STRING -> value.hasStringValue();
          case PARAMETER_TYPE_INTEGER -> value.hasNumberValue() && isInteger(value);
          case PARAMETER_TYPE_NUMBER ->
              value.hasNumberValue() && Double.isFinite(value.getNumberValue());
          case PARAMETER_TYPE_BOOLEAN -> value.hasBoolValue();
          case PARAMETER_TYPE_ARRAY -> value.hasListValue();
          case PARAMETER_TYPE_OBJECT -> value.hasStructValue();
          case UNRECOGNIZED -> true;
        };
    return fits
        ? Optional.empty()
        : Optional.of("must be " + describe(type) + " but is " + describe(value));
  }

  private static boolean isInteger(Value value) {
    double number = value.getNumberValue();
    return number == Math.rint(number) && Math.abs(number) <= LARGEST_INTEGER;
  }

  /**
   * Notes everything in a value that JSON, the database or Python's text cannot hold, and whether
   * it is too large or too deep.
   *
   * @param mostBytes of UTF-8 as JSON without blanks
   */
  public static void check(Violations violations, String field, Value value, int mostBytes) {
    var measure = new JsonMeasure(violations, field);
    measure.add(value, 0);
    measure.noteIfLarger(mostBytes);
  }

  /** The same for an object. */
  public static void check(Violations violations, String field, Struct object, int mostBytes) {
    check(violations, field, Value.newBuilder().setStructValue(object).build(), mostBytes);
  }

  /** A type for people: "a string". */
  public static String describe(ParameterType type) {
    return switch (type) {
      case PARAMETER_TYPE_UNSPECIFIED, UNRECOGNIZED -> "a JSON value";
      case PARAMETER_TYPE_STRING -> "a string";
      case PARAMETER_TYPE_INTEGER -> "an integer within plus or minus 2^53";
      case PARAMETER_TYPE_NUMBER -> "a finite number";
      case PARAMETER_TYPE_BOOLEAN -> "true or false";
      case PARAMETER_TYPE_ARRAY -> "an array";
      case PARAMETER_TYPE_OBJECT -> "an object";
    };
  }

  private static String describe(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> "a string";
      case NUMBER_VALUE -> "the number " + shortest(value.getNumberValue());
      case BOOL_VALUE -> value.getBoolValue() ? "true" : "false";
      case LIST_VALUE -> "an array";
      case STRUCT_VALUE -> "an object";
      case NULL_VALUE -> "null";
      case KIND_NOT_SET -> "no value at all";
    };
  }

  private static String shortest(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }
}
