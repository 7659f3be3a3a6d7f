package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON of the frames, and its translation from and to Protobuf's free-form values. */
final class Json {
  /**
   * Deeper values would not survive Protobuf's own bound on nesting; the same as in {@code
   * values.py}.
   */
  static final int DEEPEST = 30;

  private static final double LARGEST_EXACT_INTEGER = 9007199254740992.0;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .build())
          .build();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /**
   * Parses what a slot sent.
   *
   * @throws MalformedFrameException if it is no JSON
   */
  static JsonNode parse(ByteString payload) throws MalformedFrameException {
    try {
      return MAPPER.readTree(payload.toByteArray());
    } catch (JacksonException e) {
      throw new MalformedFrameException("a frame is no JSON: " + e.getOriginalMessage());
    }
  }

  /** Whole numbers become JSON integers, so that Python sees {@code 3} and not {@code 3.0}. */
  static JsonNode from(Struct struct) {
    ObjectNode node = object();
    for (Map.Entry<String, Value> field : struct.getFieldsMap().entrySet()) {
      node.set(field.getKey(), from(field.getValue()));
    }
    return node;
  }

  static JsonNode from(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> JsonNodeFactory.instance.nullNode();
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> JsonNodeFactory.instance.stringNode(value.getStringValue());
      case BOOL_VALUE -> JsonNodeFactory.instance.booleanNode(value.getBoolValue());
      case STRUCT_VALUE -> from(value.getStructValue());
      case LIST_VALUE -> {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        value.getListValue().getValuesList().forEach(each -> list.add(from(each)));
        yield list;
      }
    };
  }

  /** False if JSON cannot express a number in it. */
  static boolean isFinite(Value value) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE -> Double.isFinite(value.getNumberValue());
      case STRUCT_VALUE ->
          value.getStructValue().getFieldsMap().values().stream().allMatch(Json::isFinite);
      case LIST_VALUE -> value.getListValue().getValuesList().stream().allMatch(Json::isFinite);
      case NULL_VALUE, KIND_NOT_SET, STRING_VALUE, BOOL_VALUE -> true;
    };
  }

  private static JsonNode number(double number) {
    if (number == Math.rint(number) && Math.abs(number) <= LARGEST_EXACT_INTEGER) {
      return JsonNodeFactory.instance.numberNode((long) number);
    }
    return JsonNodeFactory.instance.numberNode(number);
  }

  /**
   * Translates what a program sent. The harness has checked it, but a program can write frames of
   * its own.
   *
   * @throws MalformedFrameException if it cannot be stored or sent on
   */
  static Value toValue(JsonNode node) throws MalformedFrameException {
    return toValue(node, 0);
  }

  private static Value toValue(JsonNode node, int depth) throws MalformedFrameException {
    if (depth > DEEPEST) {
      throw new MalformedFrameException("a value is nested more than " + DEEPEST + " levels deep");
    }
    return switch (node.getNodeType()) {
      case NULL, MISSING -> Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
      case BOOLEAN -> Value.newBuilder().setBoolValue(node.booleanValue()).build();
      case NUMBER -> Value.newBuilder().setNumberValue(finite(node)).build();
      case STRING -> Value.newBuilder().setStringValue(text(node.stringValue())).build();
      case ARRAY -> {
        ListValue.Builder list = ListValue.newBuilder();
        for (JsonNode each : node) {
          list.addValues(toValue(each, depth + 1));
        }
        yield Value.newBuilder().setListValue(list).build();
      }
      case OBJECT -> Value.newBuilder().setStructValue(toStruct(node, depth)).build();
      case BINARY, POJO -> throw new MalformedFrameException("a value is no JSON");
    };
  }

  static Struct toStruct(JsonNode node) throws MalformedFrameException {
    return toStruct(node, 0);
  }

  private static Struct toStruct(JsonNode node, int depth) throws MalformedFrameException {
    Struct.Builder struct = Struct.newBuilder();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      struct.putFields(text(field.getKey()), toValue(field.getValue(), depth + 1));
    }
    return struct.build();
  }

  /** Text that PostgreSQL can store and Protobuf can carry. */
  static String text(String text) throws MalformedFrameException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new MalformedFrameException("a text contains a NUL character");
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          throw new MalformedFrameException("a text contains a lone surrogate");
        }
        i++;
      }
    }
    return text;
  }

  static double finite(JsonNode node) throws MalformedFrameException {
    double number = node.isNumber() ? node.asDouble() : Double.NaN;
    if (!Double.isFinite(number)) {
      throw new MalformedFrameException("a number is not finite");
    }
    return number;
  }
}
