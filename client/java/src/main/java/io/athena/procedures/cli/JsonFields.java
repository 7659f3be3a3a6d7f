package io.athena.procedures.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds out which field of a JSON object is not what a message of the API has in its place, and
 * says so for people: Protobuf's own parser names neither the field nor what it can be.
 */
final class JsonFields {
  private static final int SHOWN = 40;

  private JsonFields() {}

  /**
   * The first field that is wrong, by its place, such as {@code procedure.steps[2].action}; empty
   * if none of those that are examined is. Where Protobuf is lenient, as with a number for a text,
   * this is so, too.
   */
  static Optional<String> problem(Value value, Descriptor type) {
    return ofMessage("", value, type);
  }

  private static Optional<String> ofMessage(String place, Value value, Descriptor type) {
    if (type.equals(Value.getDescriptor())) {
      return Optional.empty();
    }
    if (type.equals(ListValue.getDescriptor())) {
      return value.hasListValue() ? Optional.empty() : wrong(place, "a list", value);
    }
    boolean isObject = value.hasStructValue();
    if (type.equals(Struct.getDescriptor())) {
      return isObject ? Optional.empty() : wrong(place, "an object", value);
    }
    if (type.getFile().getPackage().equals("google.protobuf")) {
      return Optional.empty();
    }
    if (!isObject) {
      return wrong(place, "an object with " + names(type), value);
    }
    for (Map.Entry<String, Value> entry : value.getStructValue().getFieldsMap().entrySet()) {
      Optional<String> problem = ofEntry(place, entry.getKey(), entry.getValue(), type);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofEntry(String place, String name, Value value, Descriptor type) {
    String where = place.isEmpty() ? name : place + "." + name;
    Optional<FieldDescriptor> field =
        type.getFields().stream()
            .filter(one -> one.getJsonName().equals(name) || one.getName().equals(name))
            .findFirst();
    if (field.isEmpty()) {
      return Optional.of(unknown(where, name, type));
    }
    if (value.getKindCase() == Value.KindCase.NULL_VALUE) {
      return Optional.empty();
    }
    if (!field.get().isRepeated()) {
      return ofValue(where, value, field.get());
    }
    if (!value.hasListValue()) {
      return wrong(where, "a list", value);
    }
    for (int i = 0; i < value.getListValue().getValuesCount(); i++) {
      Optional<String> problem =
          ofValue("%s[%d]".formatted(where, i), value.getListValue().getValues(i), field.get());
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofValue(String place, Value value, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> ofMessage(place, value, field.getMessageType());
      case ENUM -> ofEnum(place, value, field.getEnumType());
      case BOOLEAN ->
          value.hasBoolValue()
                  || value.getStringValue().equals("true")
                  || value.getStringValue().equals("false")
              ? Optional.empty()
              : wrong(place, "true or false", value);
      case STRING, BYTE_STRING ->
          value.hasStructValue() || value.hasListValue()
              ? wrong(place, "a text", value)
              : Optional.empty();
      case INT, LONG, FLOAT, DOUBLE ->
          value.hasNumberValue() || value.hasStringValue()
              ? Optional.empty()
              : wrong(place, "a number", value);
    };
  }

  private static Optional<String> ofEnum(String place, Value value, EnumDescriptor type) {
    return value.hasNumberValue() || type.findValueByName(value.getStringValue()) != null
        ? Optional.empty()
        : wrong(
            place,
            "one of "
                + type.getValues().stream()
                    .map(EnumValueDescriptor::getName)
                    .collect(Collectors.joining(", ")),
            value);
  }

  private static String unknown(String place, String name, Descriptor type) {
    List<String> known = type.getFields().stream().map(FieldDescriptor::getJsonName).toList();
    List<String> near = Suggestions.nearest(name, known);
    return "%s is unknown; %s %s"
        .formatted(
            Text.oneLine(place),
            near.isEmpty() ? "there are" : "perhaps it should be",
            String.join(", ", near.isEmpty() ? known : near));
  }

  private static Optional<String> wrong(String place, String expected, Value value) {
    return Optional.of(
        "%s must be %s, but is %s"
            .formatted(
                place.isEmpty() ? "it" : Text.oneLine(place), expected, shown(Json.of(value))));
  }

  private static String names(Descriptor type) {
    return type.getFields().stream()
        .map(FieldDescriptor::getJsonName)
        .collect(Collectors.joining(", "));
  }

  private static String shown(String text) {
    return Text.oneLine(Text.shortened(text, SHOWN));
  }
}
