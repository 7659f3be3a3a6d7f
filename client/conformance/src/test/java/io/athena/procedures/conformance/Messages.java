package io.athena.procedures.conformance;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Messages as a scenario writes them: Protobuf's JSON, with bytes of output as text. */
final class Messages {
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer();

  private Messages() {}

  /** Makes a message of its JSON. */
  static <M extends Message> M parse(JsonNode json, M defaults) {
    Message.Builder builder = defaults.newBuilderForType();
    try {
      JsonFormat.parser().merge(json.toString(), builder);
    } catch (InvalidProtocolBufferException e) {
      throw new Mismatch(json + " is no " + defaults.getDescriptorForType().getName(), e);
    }
    @SuppressWarnings("unchecked") // A message's builder builds that message.
    M message = (M) builder.build();
    return message;
  }

  /** Gives the JSON of a message. */
  static JsonNode json(Message message) {
    try {
      JsonNode json = JsonMapper.shared().readTree(PRINTER.print(message));
      if (json.get("output") instanceof ObjectNode output && output.has("data")) {
        byte[] data = Base64.getDecoder().decode(output.get("data").asString());
        output.put("data", new String(data, StandardCharsets.UTF_8));
      }
      return json;
    } catch (InvalidProtocolBufferException e) {
      throw new Mismatch("there is no JSON of " + message, e);
    }
  }
}
