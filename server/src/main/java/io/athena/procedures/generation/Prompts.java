package io.athena.procedures.generation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.generation.model.Prompt;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model is told. The rules and the project's policy come first and are the same in every
 * call, so that endpoints can keep them; the definition follows as data, in JSON that cannot end
 * the mark around it.
 */
final class Prompts {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private final String rules = resource("prompt.md");

  /**
   * The first question.
   *
   * @param policy the rules that code must keep, a line each
   * @param instructions of the caller's; empty for none
   */
  Prompt first(Procedure procedure, String policy, String instructions) {
    ObjectNode document = JsonMapper.shared().createObjectNode();
    document.set("procedure", JsonMapper.shared().readTree(definition(procedure)));
    if (!instructions.isEmpty()) {
      document.put("instructions", instructions);
    }
    return new Prompt(
        rules + "\n" + policy,
        List.of(
            "Write the code of this procedure.\n"
                + marked("definition", document.toString())
                + "\nAnswer with the JSON object alone."));
  }

  /** What is said to an answer. */
  static String reply(Feedback feedback) {
    return "This was found in your answer.\n"
        + marked("findings", feedback.document())
        + "\nAnswer again with the whole JSON object alone.";
  }

  private static String marked(String name, String json) {
    return "<" + name + ">\n" + json.replace("<", "\\u003c") + "\n</" + name + ">";
  }

  private static String definition(Procedure procedure) {
    try {
      return PRINTER.print(
          Procedure.newBuilder()
              .setName(procedure.getName())
              .setDescription(procedure.getDescription())
              .addAllSteps(procedure.getStepsList())
              .setTemplate(procedure.getTemplate())
              .addAllParameters(procedure.getParametersList())
              .addAllExamples(procedure.getExamplesList())
              .addAllPreconditions(procedure.getPreconditionsList())
              .addAllPostconditions(procedure.getPostconditionsList())
              .build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored definition cannot be printed", e);
    }
  }

  private static String resource(String name) {
    try (InputStream stream = Prompts.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
