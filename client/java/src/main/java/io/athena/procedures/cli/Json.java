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
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          message.getDescriptorForType().getName() + " has no JSON form: " + e.getMessage(), e);
    }
  }

  /** Reads a JSON value; the message of the exception says what is wrong with it. */
  static Value value(String json) throws InvalidProtocolBufferException {
    return merge(json, Value.newBuilder()).build();
  }

  /** Reads JSON into a message's builder. */
  static <B extends Message.Builder> B merge(String json, B builder)
      throws InvalidProtocolBufferException {
    JsonFormat.parser().merge(json, builder);
    return builder;
  }
}
