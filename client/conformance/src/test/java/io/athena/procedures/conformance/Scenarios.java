package io.athena.procedures.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The file of scenarios.
 *
 * @param settings what the server is to be configured with
 * @param scenarios each with its name and steps
 */
record Scenarios(Map<String, String> settings, List<JsonNode> scenarios) {
  static Scenarios read(Path file) {
    JsonNode document = new YAMLMapper().readTree(file.toFile());
    Map<String, String> settings = new HashMap<>();
    document
        .required("server")
        .properties()
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asString()));
    List<JsonNode> scenarios = new ArrayList<>(document.required("scenarios").values());
    return new Scenarios(Map.copyOf(settings), List.copyOf(scenarios));
  }
}
