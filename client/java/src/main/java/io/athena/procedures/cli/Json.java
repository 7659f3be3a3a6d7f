package io.athena.procedures.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;

/** The API's own JSON form, on one line. */
final class Json {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

  private Json() {}

  static String of(MessageOrBuilder message) {
    try {
      return withoutFractionZero(PRINTER.print(message));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          message.getDescriptorForType().getName() + " has no JSON form: " + e.getMessage(), e);
    }
  }

  /** Reads a JSON value. */
  static Value value(String json) throws BadJsonException {
    return merge(json, Value.newBuilder()).build();
  }

  /** Reads JSON into a message's builder. */
  static <B extends Message.Builder> B merge(String json, B builder) throws BadJsonException {
    JsonText.check(json);
    try {
      JsonFormat.parser().merge(json, builder);
    } catch (InvalidProtocolBufferException e) {
      throw new BadJsonException(
          "it is no " + builder.getDescriptorForType().getName() + ": " + e.getMessage(), e);
    }
    return builder;
  }

  /** Numbers of free-form values come as doubles; 7 must not become 7.0 for that. */
  private static String withoutFractionZero(String json) {
    StringBuilder shortened = new StringBuilder(json.length());
    boolean inString = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (inString && c == '\\') {
        shortened.append(c).append(json.charAt(++i));
        continue;
      }
      if (c == '"') {
        inString = !inString;
      }
      if (!inString && c == '.' && isLastZero(json, i + 1)) {
        i++;
        continue;
      }
      shortened.append(c);
    }
    return shortened.toString();
  }

  private static boolean isLastZero(String json, int index) {
    return json.startsWith("0", index)
        && (index + 1 == json.length() || ",}] ".indexOf(json.charAt(index + 1)) >= 0);
  }
}
