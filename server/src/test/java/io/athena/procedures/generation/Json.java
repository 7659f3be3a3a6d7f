package io.athena.procedures.generation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import tools.jackson.databind.ObjectMapper;

/** Values of YAML files as the API has them. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static String text(Value value) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(value);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  static Value value(Object plain) {
    Value.Builder value = Value.newBuilder();
    try {
      JsonFormat.parser().merge(MAPPER.writeValueAsString(plain), value);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    return value.build();
  }
}
