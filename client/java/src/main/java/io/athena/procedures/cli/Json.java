package io.athena.procedures.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;

/** The API's own JSON form. */
final class Json {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

  /** How many characters such an escape has. */
  private static final int ESCAPE = 6;

  private static final String HTML_CHARACTERS = "<>&='";
  private static final String HTML_ESCAPES =
      "\\u003c" + "\\u003e" + "\\u0026" + "\\u003d" + "\\u0027";

  private Json() {}

  /** On one line. */
  static String of(MessageOrBuilder message) {
    return print(PRINTER, message);
  }

  /** Over several lines, for people. */
  static String pretty(MessageOrBuilder message) {
    return print(JsonFormat.printer(), message);
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return asPeopleWriteIt(printer.print(message));
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
      throw new BadJsonException(problem(json, builder.getDescriptorForType(), e), e);
    }
    return builder;
  }

  private static String problem(
      String json, Descriptor type, InvalidProtocolBufferException failure) {
    Value.Builder value = Value.newBuilder();
    try {
      JsonFormat.parser().merge(json, value);
    } catch (InvalidProtocolBufferException e) {
      return "it is no JSON: " + e.getMessage();
    }
    return JsonFields.problem(value.build(), type)
        .orElse("it is no " + type.getName() + ": " + failure.getMessage());
  }

  /**
   * Numbers of free-form values come as doubles; 7 must not become 7.0 for that. Texts come with
   * escapes that only a page of HTML would need; "=" must not become \\u003d.
   */
  private static String asPeopleWriteIt(String json) {
    StringBuilder shortened = new StringBuilder(json.length());
    boolean inString = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (inString && c == '\\') {
        int escaped = HTML_ESCAPES.indexOf(json.substring(i, Math.min(i + ESCAPE, json.length())));
        if (escaped >= 0) {
          shortened.append(HTML_CHARACTERS.charAt(escaped / ESCAPE));
          i += ESCAPE - 1;
        } else {
          shortened.append(c).append(json.charAt(++i));
        }
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
        && (index + 1 == json.length() || ",}] \n".indexOf(json.charAt(index + 1)) >= 0);
  }
}
