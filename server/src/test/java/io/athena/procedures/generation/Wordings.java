package io.athena.procedures.generation;

import com.google.protobuf.Value;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Steps as people word them, each a procedure of its own with an example. */
final class Wordings {
  private Wordings() {}

  /**
   * One of them.
   *
   * @param expected what the example gives; null if no code can be right
   * @param raises part of the name of the exception that is right; empty if none is
   */
  record Wording(Procedure procedure, @Nullable Value expected, String raises) {
    String step() {
      return procedure.getStepsList().stream()
          .map(Step::getDescription)
          .collect(Collectors.joining(" / "));
    }
  }

  /** Of a file in {@code src/test/resources/wordings}. */
  static List<Wording> load(String file) {
    InputStream stream = Wordings.class.getResourceAsStream("/wordings/" + file + ".yaml");
    List<Wording> wordings = new ArrayList<>();
    for (JsonNode entry : new YAMLMapper().readTree(Objects.requireNonNull(stream))) {
      Procedure.Builder procedure = Procedure.newBuilder().setName("one_step");
      for (JsonNode step : entry.has("steps") ? entry.get("steps") : List.of(entry.get("step"))) {
        procedure.addSteps(Step.newBuilder().setDescription(step.asString()));
      }
      entry
          .get("given")
          .properties()
          .forEach(given ->
              procedure.addParameters(
                  Parameter.newBuilder()
                      .setName(given.getKey())
                      .setType(type(given.getValue()))
                      .setRequired(true)));
      var example = procedure.addExamplesBuilder();
      example.setParameters(Json.value(entry.get("given")).getStructValue());
      Value expected = entry.has("gives") ? Json.value(entry.get("gives")) : null;
      if (expected != null) {
        example.setExpected(expected);
      }
      String raises = entry.has("raises") ? entry.get("raises").asString() : "";
      wordings.add(new Wording(procedure.build(), expected, raises));
    }
    return wordings;
  }

  private static ParameterType type(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> ParameterType.PARAMETER_TYPE_STRING;
      case NUMBER ->
          value.isIntegralNumber()
              ? ParameterType.PARAMETER_TYPE_INTEGER
              : ParameterType.PARAMETER_TYPE_NUMBER;
      case BOOLEAN -> ParameterType.PARAMETER_TYPE_BOOLEAN;
      case ARRAY -> ParameterType.PARAMETER_TYPE_ARRAY;
      case OBJECT -> ParameterType.PARAMETER_TYPE_OBJECT;
      case BINARY, NULL, MISSING, POJO ->
          throw new IllegalArgumentException("no parameter can be " + value);
    };
  }
}
