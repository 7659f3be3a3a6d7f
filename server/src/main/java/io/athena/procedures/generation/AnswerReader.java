package io.athena.procedures.generation;

import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what a model answers: a JSON object, also one with a fence or words around it, because not
 * every endpoint holds its model to the form.
 */
final class AnswerReader {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_ENTRIES = 100;
  private static final int MOST_CHARS = 1_000;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final Pattern FENCED_CODE =
      Pattern.compile("\\s*```(?:python|py)?\\s*\\n(.*?)\\n?```\\s*", Pattern.DOTALL);

  private static final Pattern TOOL =
      Pattern.compile(
          "\\btools\\s*\\.\\s*(?:call\\s*\\(\\s*[\"']([^\"'\\n]+)[\"']|(?!call\\b)([A-Za-z]\\w*)\\s*\\()");

  private AnswerReader() {}

  /** An answer cannot be used. The message tells the model, and people, why. */
  static final class UnreadableAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    private final String why;

    UnreadableAnswerException(String why) {
      super(why);
      this.why = why;
    }

    String why() {
      return why;
    }
  }

  static Draft read(Procedure procedure, String answer) throws UnreadableAnswerException {
    JsonNode object = object(answer);
    JsonNode code = object.path("code");
    if (!code.isString() || code.stringValue().isBlank()) {
      throw new UnreadableAnswerException("the object has no text \"code\"");
    }
    String text = withoutFence(code.stringValue());
    if (text.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES || text.indexOf(0) >= 0) {
      throw new UnreadableAnswerException("the code is longer than 1 MiB or holds NUL");
    }
    return new Draft(
        text.endsWith("\n") ? text : text + "\n",
        steps(procedure, object.path("steps")),
        tools(text, object.path("capabilities")),
        texts(object.path("assumptions")),
        parameters(object.path("parameters")));
  }

  private static JsonNode object(String answer) throws UnreadableAnswerException {
    int begin = answer.indexOf('{');
    int end = answer.lastIndexOf('}');
    if (begin < 0 || end < begin) {
      throw new UnreadableAnswerException("the answer holds no JSON object");
    }
    try {
      return JSON.readTree(answer.substring(begin, end + 1));
    } catch (JacksonException e) {
      throw new UnreadableAnswerException(
          "the answer is not one JSON object: " + e.getOriginalMessage());
    }
  }

  private static String withoutFence(String code) {
    Matcher fenced = FENCED_CODE.matcher(code);
    return fenced.matches() ? fenced.group(1) : code;
  }

  /** A step of which the answer does not speak is taken for one that is not done. */
  private static List<StepReport> steps(Procedure procedure, JsonNode told) {
    List<StepReport> steps = new ArrayList<>();
    for (int i = 0; i < Math.max(1, procedure.getStepsCount()); i++) {
      StepReport.Builder step =
          StepReport.newBuilder()
              .setStepIndex(i)
              .setMessage("the answer does not say what becomes of it");
      if (procedure.getStepsCount() == 0) {
        step.setCovered(true).setMessage("the template");
      }
      for (JsonNode each : told) {
        if (each.path("step").asInt(0) == i + 1) {
          step.setCovered(each.path("done").asBoolean(false))
              .setMessage(TextRules.shortened(each.path("how").asString(""), MOST_CHARS));
        }
      }
      steps.add(step.build());
    }
    return List.copyOf(steps);
  }

  /** Names of tools that the code may call; whether it calls any is for the validation to say. */
  private static Set<String> tools(String code, JsonNode claimed) {
    Set<String> tools = new TreeSet<>(texts(claimed));
    Matcher tool = TOOL.matcher(code);
    while (tool.find()) {
      tools.add(tool.group(1) == null ? tool.group(2) : tool.group(1));
    }
    return Set.copyOf(tools);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : array) {
      if (each.isString() && texts.size() < MOST_ENTRIES) {
        texts.add(TextRules.shortened(each.stringValue(), MOST_CHARS));
      }
    }
    return List.copyOf(texts);
  }

  private static List<Parameter> parameters(JsonNode array) {
    List<Parameter> parameters = new ArrayList<>();
    for (JsonNode each : array) {
      if (each.path("name").isString() && parameters.size() < MOST_ENTRIES) {
        parameters.add(
            Parameter.newBuilder()
                .setName(TextRules.shortened(each.path("name").stringValue(), MOST_CHARS))
                .setType(type(each.path("type").asString("")))
                .setRequired(each.path("required").asBoolean(false))
                .setDescription(
                    TextRules.shortened(each.path("description").asString(""), MOST_CHARS))
                .build());
      }
    }
    return List.copyOf(parameters);
  }

  private static ParameterType type(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "string" -> ParameterType.PARAMETER_TYPE_STRING;
      case "integer" -> ParameterType.PARAMETER_TYPE_INTEGER;
      case "number" -> ParameterType.PARAMETER_TYPE_NUMBER;
      case "boolean" -> ParameterType.PARAMETER_TYPE_BOOLEAN;
      case "array" -> ParameterType.PARAMETER_TYPE_ARRAY;
      case "object" -> ParameterType.PARAMETER_TYPE_OBJECT;
      default -> ParameterType.PARAMETER_TYPE_UNSPECIFIED;
    };
  }
}
