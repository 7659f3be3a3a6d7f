package io.athena.procedures.generation;

import com.google.protobuf.Value;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The procedures by which generation is measured. */
final class Library {
  private static final List<String> CATEGORIES =
      List.of(
          "text",
          "numbers",
          "lists",
          "tables",
          "json",
          "dates",
          "files",
          "web",
          "reports",
          "operations");

  private Library() {}

  /**
   * One of them.
   *
   * @param expectations what is expected of each example's result
   * @param files that lie in the workspace
   * @param tools answers of the tools that the caller serves, by name
   */
  record Entry(
      String category,
      Procedure procedure,
      List<Predicate<Value>> expectations,
      Map<String, String> files,
      Map<String, Value> tools) {}

  static List<Entry> load() {
    List<Entry> entries = new ArrayList<>();
    for (String category : CATEGORIES) {
      InputStream file = Library.class.getResourceAsStream("/library/" + category + ".yaml");
      for (JsonNode entry : new YAMLMapper().readTree(Objects.requireNonNull(file))) {
        entries.add(entry(category, entry));
      }
    }
    return entries;
  }

  private static Entry entry(String category, JsonNode node) {
    Procedure.Builder procedure =
        Procedure.newBuilder().setName(node.get("name").asString()).setCategory(category);
    if (node.has("description")) {
      procedure.setDescription(node.get("description").asString());
    }
    if (node.has("template")) {
      procedure.setTemplate(node.get("template").asString());
    }
    node.get("parameters")
        .properties()
        .forEach(each -> procedure.addParameters(parameter(each.getKey(), each.getValue())));
    node.get("steps")
        .forEach(step -> procedure.addSteps(Step.newBuilder().setDescription(step.asString())));
    List<Predicate<Value>> expectations = new ArrayList<>();
    for (JsonNode each : node.get("examples")) {
      Example.Builder example = procedure.addExamplesBuilder();
      example.setParameters(Json.value(each.get("given")).getStructValue());
      if (each.has("gives")) {
        example.setExpected(Json.value(each.get("gives")));
        expectations.add(example.getExpected()::equals);
      } else {
        Map<String, Value> fields =
            Json.value(each.get("gives_fields")).getStructValue().getFieldsMap();
        expectations.add(result ->
            result.getStructValue().getFieldsMap().entrySet().containsAll(fields.entrySet()));
      }
    }
    Map<String, String> files = new java.util.TreeMap<>();
    node.path("files")
        .properties()
        .forEach(file -> files.put(file.getKey(), file.getValue().asString()));
    Map<String, Value> tools = new java.util.TreeMap<>();
    node.path("tools")
        .properties()
        .forEach(tool -> tools.put(tool.getKey(), Json.value(tool.getValue())));
    return new Entry(category, procedure.build(), expectations, files, tools);
  }

  private static Parameter parameter(String name, JsonNode type) {
    String word = type.isString() ? type.asString() : type.get("type").asString();
    Parameter.Builder parameter =
        Parameter.newBuilder()
            .setName(name)
            .setType(ParameterType.valueOf("PARAMETER_TYPE_" + word.toUpperCase(Locale.ROOT)));
    return type.has("default")
        ? parameter.setDefaultValue(Json.value(type.get("default"))).build()
        : parameter.setRequired(true).build();
  }
}
