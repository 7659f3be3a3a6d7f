package io.athena.procedures.cli;

import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import io.athena.procedures.v1.ParameterType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what people type as a value of a parameter's type. */
final class TypedValues {
  /** Integers beyond it are not exact in JSON. */
  private static final long MAX_EXACT = 1L << 53;

  private TypedValues() {}

  /** The type that people call so. */
  static ParameterType type(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "any", "" -> ParameterType.PARAMETER_TYPE_UNSPECIFIED;
      case "string", "str" -> ParameterType.PARAMETER_TYPE_STRING;
      case "integer", "int" -> ParameterType.PARAMETER_TYPE_INTEGER;
      case "number", "float" -> ParameterType.PARAMETER_TYPE_NUMBER;
      case "boolean", "bool" -> ParameterType.PARAMETER_TYPE_BOOLEAN;
      case "array", "list" -> ParameterType.PARAMETER_TYPE_ARRAY;
      case "object", "dict" -> ParameterType.PARAMETER_TYPE_OBJECT;
      default ->
          throw new IllegalArgumentException(
              "'"
                  + name
                  + "' is no type; there are string, integer, number, boolean, array, object and any");
    };
  }

  /** What people call the type. */
  static String name(ParameterType type) {
    return type == ParameterType.PARAMETER_TYPE_UNSPECIFIED
        ? "any"
        : Text.enumName(type, "PARAMETER_TYPE_").toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the text as a value of the type.
   *
   * @param name of the parameter, for the message
   * @throws IllegalArgumentException if it is none; the message says what would be one
   */
  static Value read(String name, ParameterType type, String text) {
    return switch (type) {
      case PARAMETER_TYPE_STRING -> Value.newBuilder().setStringValue(text).build();
      case PARAMETER_TYPE_INTEGER -> Value.newBuilder().setNumberValue(integer(name, text)).build();
      case PARAMETER_TYPE_NUMBER -> Value.newBuilder().setNumberValue(number(name, text)).build();
      case PARAMETER_TYPE_BOOLEAN -> Value.newBuilder().setBoolValue(bool(name, text)).build();
      case PARAMETER_TYPE_ARRAY -> json(name, text, KindCase.LIST_VALUE, "an array such as [1, 2]");
      case PARAMETER_TYPE_OBJECT ->
          json(name, text, KindCase.STRUCT_VALUE, "an object such as {\"a\": 1}");
      case PARAMETER_TYPE_UNSPECIFIED, UNRECOGNIZED -> any(name, text);
    };
  }

  private static double integer(String name, String text) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= -MAX_EXACT && value <= MAX_EXACT) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, "an integer such as 42", text, e);
    }
    throw wrong(name, "an integer within plus or minus 2^53", text, null);
  }

  private static double number(String name, String text) {
    try {
      double value = Double.parseDouble(text.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, "a number such as 1.5", text, e);
    }
    throw wrong(name, "a finite number", text, null);
  }

  private static boolean bool(String name, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(name, "true or false", text, null);
    };
  }

  private static Value json(String name, String text, KindCase kind, String wanted) {
    try {
      Value value = Json.value(text);
      if (value.getKindCase() == kind) {
        return value;
      }
    } catch (BadJsonException e) {
      throw e.wellFormed() ? cannotBeCarried(name, e) : wrong(name, wanted, text, e);
    }
    throw wrong(name, wanted, text, null);
  }

  /** JSON where it is JSON, else the text itself. */
  private static Value any(String name, String text) {
    try {
      return Json.value(text);
    } catch (BadJsonException e) {
      if (e.wellFormed()) {
        throw cannotBeCarried(name, e);
      }
      return Value.newBuilder().setStringValue(text).build();
    }
  }

  private static IllegalArgumentException cannotBeCarried(String name, BadJsonException cause) {
    return new IllegalArgumentException("parameter '" + name + "': " + cause.getMessage(), cause);
  }

  private static IllegalArgumentException wrong(
      String name, String wanted, String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "parameter '"
            + name
            + "' takes "
            + wanted
            + ", not '"
            + Text.oneLine(Text.shortened(text, 60))
            + "'",
        cause);
  }
}
