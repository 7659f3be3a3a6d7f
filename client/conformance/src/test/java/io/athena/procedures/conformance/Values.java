package io.athena.procedures.conformance;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values of a scenario: names filled in, and expectations compared with what came. README.md beside
 * the scenarios has the rules.
 */
final class Values {
  private final Map<String, JsonNode> names = new HashMap<>();

  /** Keeps a value, for {@code $name}. */
  void keep(String name, JsonNode value) {
    names.put(name, value);
  }

  /** Keeps what lies at paths such as {@code procedure.etag}, by the names that a step gives. */
  void keep(@Nullable JsonNode pathsByName, JsonNode answer) {
    if (pathsByName == null) {
      return;
    }
    pathsByName
        .properties()
        .forEach(entry -> {
          String path = entry.getValue().asString();
          JsonNode found = answer.at("/" + path.replace('.', '/'));
          if (found.isMissingNode()) {
            throw new Mismatch("there is no " + path + " to keep in " + answer);
          }
          keep(entry.getKey(), found);
        });
  }

  /** Puts the value of each kept name in the place of {@code $name}. */
  JsonNode fillIn(JsonNode value) {
    if (value.isObject()) {
      ObjectNode filled = JsonNodeFactory.instance.objectNode();
      value.properties().forEach(entry -> filled.set(entry.getKey(), fillIn(entry.getValue())));
      return filled;
    }
    if (value.isArray()) {
      ArrayNode filled = JsonNodeFactory.instance.arrayNode();
      value.forEach(entry -> filled.add(fillIn(entry)));
      return filled;
    }
    if (value.isString() && value.asString().startsWith("$")) {
      JsonNode kept = names.get(value.asString().substring(1));
      if (kept == null) {
        throw new Mismatch("the scenario has kept nothing as " + value.asString());
      }
      return kept;
    }
    return value;
  }

  /**
   * Compares.
   *
   * @param actual null if it is absent
   * @throws Mismatch unless everything that is expected is there
   */
  static void compare(JsonNode expected, @Nullable JsonNode actual, String path) {
    if (expected.isObject()) {
      Map.Entry<String, JsonNode> only =
          expected.size() == 1 ? expected.properties().iterator().next() : null;
      if (only != null && only.getKey().startsWith("$")) {
        if (!holds(only.getKey(), only.getValue(), actual)) {
          throw new Mismatch("%s: expected %s, got %s".formatted(path, expected, actual));
        }
        return;
      }
      if (actual == null || !actual.isObject()) {
        throw new Mismatch("%s: expected an object, got %s".formatted(path, actual));
      }
      expected
          .properties()
          .forEach(entry ->
              compare(entry.getValue(), actual.get(entry.getKey()), path + "." + entry.getKey()));
    } else if (expected.isArray()) {
      int count = actual == null ? 0 : actual.size();
      if (count != expected.size()) {
        throw new Mismatch(
            "%s: expected %d entries, got %s".formatted(path, expected.size(), actual));
      }
      for (int i = 0; i < count; i++) {
        compare(expected.get(i), actual == null ? null : actual.get(i), path + "[" + i + "]");
      }
    } else if (!equal(expected, actual)) {
      throw new Mismatch("%s: expected %s, got %s".formatted(path, expected, actual));
    }
  }

  private static boolean holds(String rule, JsonNode operand, @Nullable JsonNode actual) {
    return switch (rule) {
      case "$contains" -> actual != null && contains(operand, actual);
      case "$above" ->
          actual != null && Double.parseDouble(actual.asString()) > operand.doubleValue();
      case "$not" -> !matches(operand, actual);
      default -> throw new Mismatch("there is no rule " + rule);
    };
  }

  private static boolean contains(JsonNode operand, JsonNode actual) {
    return operand.isString()
        ? actual.isString() && actual.asString().contains(operand.asString())
        : StreamSupport.stream(actual.spliterator(), false)
            .anyMatch(entry -> matches(operand, entry));
  }

  private static boolean matches(JsonNode expected, @Nullable JsonNode actual) {
    try {
      compare(expected, actual, "");
      return true;
    } catch (Mismatch e) {
      return false;
    }
  }

  private static boolean equal(JsonNode expected, @Nullable JsonNode actual) {
    // JSON of Protobuf leaves defaults out.
    if (actual == null || actual.isNull()) {
      return expected.isNull()
          || (expected.isBoolean() && !expected.booleanValue())
          || (expected.isNumber() && expected.doubleValue() == 0)
          || (expected.isString() && expected.asString().isEmpty());
    }
    if (expected.isNumber() && actual.isNumber()) {
      return expected.doubleValue() == actual.doubleValue();
    }
    // So it writes numbers of 64 bits.
    if (expected.isNumber() && actual.isString()) {
      return expected.asString().equals(actual.asString());
    }
    return expected.equals(actual);
  }
}
