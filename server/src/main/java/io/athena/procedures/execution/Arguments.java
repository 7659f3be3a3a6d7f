package io.athena.procedures.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Binds the arguments of a call to the parameters of a procedure. */
final class Arguments {
  private static final int DEEPEST = 32;
  private static final int LARGEST_JSON = 1024 * 1024;

  /**
   * JSON is at most this many times as large as the Protobuf form: a NUL-like escape is six bytes.
   */
  private static final int JSON_GROWTH = 7;

  private static final double LARGEST_INTEGER = 9007199254740992.0;

  private Arguments() {}

  /**
   * The arguments with defaults filled in; notes everything that breaks a rule under {@code
   * parameters.NAME}.
   */
  static Struct bind(List<Parameter> parameters, Struct given, Violations violations) {
    Struct.Builder bound = Struct.newBuilder();
    Set<String> known = new HashSet<>();
    for (Parameter parameter : parameters) {
      known.add(parameter.getName());
      Value value = given.getFieldsMap().get(parameter.getName());
      if (value != null) {
        check(parameter, value, violations);
        bound.putFields(parameter.getName(), value);
      } else if (parameter.hasDefaultValue()) {
        bound.putFields(parameter.getName(), parameter.getDefaultValue());
      } else {
        violations.check(
            !parameter.getRequired(),
            field(parameter.getName()),
            "is required" + description(parameter) + "; the call does not give it");
      }
    }
    for (String name : given.getFieldsMap().keySet()) {
      violations.check(known.contains(name), field(name), unknown(parameters));
    }
    checkSize(given, violations);
    return bound.build();
  }

  private static void check(Parameter parameter, Value value, Violations violations) {
    String field = field(parameter.getName());
    violations.check(
        hasType(parameter.getType(), value),
        field,
        "must be " + name(parameter.getType()) + ", but is " + kind(value));
    checkContent(value, field, 1, violations);
  }

  private static boolean hasType(ParameterType type, Value value) {
    return switch (type) {
      case PARAMETER_TYPE_UNSPECIFIED, UNRECOGNIZED -> true;
      case PARAMETER_TYPE_STRING -> value.hasStringValue();
      case PARAMETER_TYPE_INTEGER ->
          value.hasNumberValue()
              && Math.abs(value.getNumberValue()) <= LARGEST_INTEGER
              && value.getNumberValue() == Math.rint(value.getNumberValue());
      case PARAMETER_TYPE_NUMBER -> value.hasNumberValue();
      case PARAMETER_TYPE_BOOLEAN -> value.hasBoolValue();
      case PARAMETER_TYPE_ARRAY -> value.hasListValue();
      case PARAMETER_TYPE_OBJECT -> value.hasStructValue();
    };
  }

  private static void checkContent(Value value, String field, int depth, Violations violations) {
    if (depth > DEEPEST) {
      violations.check(false, field, "is nested deeper than " + DEEPEST + " levels");
      return;
    }
    switch (value.getKindCase()) {
      case KIND_NOT_SET ->
          violations.check(false, field, "has no value; null_value is JSON's null");
      case NULL_VALUE, BOOL_VALUE -> {}
      case NUMBER_VALUE ->
          violations.check(
              Double.isFinite(value.getNumberValue()), field, "must be a finite number");
      case STRING_VALUE -> checkText(value.getStringValue(), field, violations);
      case LIST_VALUE -> {
        for (Value element : value.getListValue().getValuesList()) {
          checkContent(element, field, depth + 1, violations);
        }
      }
      case STRUCT_VALUE -> {
        for (Map.Entry<String, Value> entry : value.getStructValue().getFieldsMap().entrySet()) {
          checkText(entry.getKey(), field, violations);
          checkContent(entry.getValue(), field, depth + 1, violations);
        }
      }
    }
  }

  private static void checkText(String text, String field, Violations violations) {
    violations.check(
        text.indexOf('\0') < 0 && UTF_8.newEncoder().canEncode(text),
        field,
        "holds NUL or an unpaired surrogate");
  }

  private static void checkSize(Struct given, Violations violations) {
    if ((long) given.getSerializedSize() * JSON_GROWTH <= LARGEST_JSON) {
      return;
    }
    int size;
    try {
      size =
          JsonFormat.printer()
              .omittingInsignificantWhitespace()
              .print(given)
              .getBytes(UTF_8)
              .length;
    } catch (InvalidProtocolBufferException | IllegalArgumentException notJson) {
      // A number that is not finite or a value without a kind, noted already.
      size = given.getSerializedSize();
    }
    violations.check(
        size <= LARGEST_JSON,
        "parameters",
        "are " + size + " bytes as JSON; at most " + LARGEST_JSON + " are taken");
  }

  private static String field(String name) {
    return "parameters." + (name.length() <= 100 ? name : name.substring(0, 100));
  }

  private static String description(Parameter parameter) {
    return parameter.getType() == ParameterType.PARAMETER_TYPE_UNSPECIFIED
        ? ""
        : " (" + name(parameter.getType()) + ")";
  }

  private static String unknown(List<Parameter> parameters) {
    return parameters.isEmpty()
        ? "is unknown; the procedure takes no parameters"
        : "is unknown; the procedure takes "
            + parameters.stream()
                .limit(10)
                .map(Parameter::getName)
                .collect(Collectors.joining(", "))
            + (parameters.size() > 10 ? " and " + (parameters.size() - 10) + " more" : "");
  }

  private static String name(ParameterType type) {
    return switch (type) {
      case PARAMETER_TYPE_UNSPECIFIED, UNRECOGNIZED -> "a JSON value";
      case PARAMETER_TYPE_STRING -> "a string";
      case PARAMETER_TYPE_INTEGER -> "a number without fraction within plus or minus 2^53";
      case PARAMETER_TYPE_NUMBER -> "a number";
      case PARAMETER_TYPE_BOOLEAN -> "true or false";
      case PARAMETER_TYPE_ARRAY -> "an array";
      case PARAMETER_TYPE_OBJECT -> "an object";
    };
  }

  private static String kind(Value value) {
    return switch (value.getKindCase()) {
      case KIND_NOT_SET -> "not set";
      case NULL_VALUE -> "null";
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case NUMBER_VALUE -> "the number " + value.getNumberValue();
      case STRING_VALUE -> "a string";
      case LIST_VALUE -> "an array";
      case STRUCT_VALUE -> "an object";
    };
  }
}
