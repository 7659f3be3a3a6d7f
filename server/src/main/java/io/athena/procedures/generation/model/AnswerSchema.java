package io.athena.procedures.generation.model;

import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.List;

/**
 * The form of an answer. What is thought about the definition comes before the code, because a
 * model writes from front to back.
 */
final class AnswerSchema {
  private static final JsonSchemaElement STEP =
      JsonObjectSchema.builder()
          .addIntegerProperty("step", "number of the step, from 1")
          .addBooleanProperty("done", "whether the code does it")
          .addStringProperty("how", "how, or what is missing, in one sentence")
          .required("step", "done", "how")
          .additionalProperties(false)
          .build();

  private static final JsonSchemaElement PARAMETER =
      JsonObjectSchema.builder()
          .addStringProperty("name")
          .addEnumProperty(
              "type", List.of("string", "integer", "number", "boolean", "array", "object", "any"))
          .addBooleanProperty("required")
          .addStringProperty("description")
          .required("name", "type", "required", "description")
          .additionalProperties(false)
          .build();

  private static final JsonSchemaElement ROOT =
      JsonObjectSchema.builder()
          .addProperty(
              "assumptions", texts("what the definition leaves open and the code takes so"))
          .addProperty("steps", array(STEP))
          .addProperty("parameters", array(PARAMETER))
          .addProperty("capabilities", texts("names of the caller's tools that the code calls"))
          .addStringProperty("code", "the whole Python module")
          .required("assumptions", "steps", "parameters", "capabilities", "code")
          .additionalProperties(false)
          .build();

  static final ResponseFormat FORMAT =
      ResponseFormat.builder()
          .type(ResponseFormatType.JSON)
          .jsonSchema(JsonSchema.builder().name("generated_code").rootElement(ROOT).build())
          .build();

  private AnswerSchema() {}

  private static JsonSchemaElement array(JsonSchemaElement of) {
    return JsonArraySchema.builder().items(of).build();
  }

  private static JsonSchemaElement texts(String description) {
    return JsonArraySchema.builder()
        .description(description)
        .items(JsonStringSchema.builder().build())
        .build();
  }
}
