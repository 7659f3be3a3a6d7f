package io.athena.procedures.validation;

import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.validation.Condition.Test;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a policy and notes all that is wrong with it. */
final class PolicyReader {
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "description",
          "extends",
          "on_save",
          "on_execute",
          "silencing",
          "severities",
          "modules",
          "builtins",
          "attributes",
          "capabilities",
          "limits",
          "patterns");
  private static final int MOST_PATTERNS = 2_000;

  /** Characters of a name that a policy says something of. */
  static final int LONGEST_NAME = 500;

  private final Violations violations;
  private final String root;
  private final int inheritedPatterns;

  /**
   * Notes what is wrong in {@code violations}.
   *
   * @param root path of the policy in the request, such as "document"; empty for a file
   * @param inheritedPatterns how many patterns, the first ones, are of what the policy extends
   */
  PolicyReader(Violations violations, String root, int inheritedPatterns) {
    this.violations = violations;
    this.root = root;
    this.inheritedPatterns = inheritedPatterns;
  }

  /** The policy of a document that extends no other any more. */
  Policy read(String name, JsonNode document) {
    known(document, "", FIELDS);
    JsonNode modules = object(document, "", "modules");
    known(modules, "modules.", Set.of("allowed", "forbidden", "discouraged"));
    JsonNode builtins = object(document, "", "builtins");
    known(builtins, "builtins.", Set.of("forbidden", "discouraged"));
    JsonNode attributes = object(document, "", "attributes");
    known(attributes, "attributes.", Set.of("forbidden", "suspect"));
    List<Pattern> patterns = patterns(document.path("patterns"));
    return new Policy(
        name,
        text(document, "", "description", ""),
        mode(document, "on_save"),
        mode(document, "on_execute"),
        constant(document, "silencing", Policy.Silencing.class, Policy.Silencing.ALL),
        severities(object(document, "", "severities")),
        Set.copyOf(texts(modules.path("allowed"), "modules.allowed")),
        reasons(modules, "modules.", "forbidden"),
        reasons(modules, "modules.", "discouraged"),
        reasons(builtins, "builtins.", "forbidden"),
        reasons(builtins, "builtins.", "discouraged"),
        reasons(attributes, "attributes.", "forbidden"),
        reasons(attributes, "attributes.", "suspect"),
        reasons(document, "", "capabilities"),
        limits(object(document, "", "limits")),
        patterns,
        new PatternIndex(patterns));
  }

  /**
   * What a document says over what it extends: objects are joined, null takes a field away,
   * patterns are added, anything else is replaced.
   */
  static JsonNode merged(JsonNode base, JsonNode own) {
    if (!(base instanceof ObjectNode baseObject) || !(own instanceof ObjectNode ownObject)) {
      return own;
    }
    ObjectNode merged = baseObject.deepCopy();
    for (Map.Entry<String, JsonNode> field : ownObject.properties()) {
      JsonNode before = merged.get(field.getKey());
      if (field.getValue().isNull()) {
        merged.remove(field.getKey());
      } else if (field.getKey().equals("patterns")
          && field.getValue().isArray()
          && before != null
          && before.isArray()) {
        field.getValue().forEach(merged.putArray("patterns").addAll(before.values())::add);
      } else if (before == null) {
        merged.set(field.getKey(), field.getValue());
      } else {
        merged.set(field.getKey(), merged(before, field.getValue()));
      }
    }
    merged.remove("extends");
    return merged;
  }

  private Policy.Mode mode(JsonNode document, String field) {
    return constant(document, field, Policy.Mode.class, Policy.Mode.WARN);
  }

  private <E extends Enum<E>> E constant(
      JsonNode document, String field, Class<E> type, E otherwise) {
    JsonNode node = document.path(field);
    if (node.isMissingNode()) {
      return otherwise;
    }
    List<String> names = new ArrayList<>();
    for (E each : java.util.Objects.requireNonNull(type.getEnumConstants())) {
      String name = each.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(node.asString(""))) {
        return each;
      }
      names.add(name);
    }
    wrong(field, "must be one of " + String.join(", ", names));
    return otherwise;
  }

  private Map<String, Severity> severities(JsonNode node) {
    Map<String, Severity> severities = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String path = "severities." + field.getKey();
      Severity severity = severity(field.getValue().asString(""), path);
      if (!Rules.exists(field.getKey())) {
        wrong(path, "is no rule; ListValidationRules gives those there are");
      } else if (Rules.of(field.getKey()).isOfSyntax() && severity != Severity.SEVERITY_ERROR) {
        // Code that was not examined to its end is not known to keep any other rule.
        wrong(path, "is a rule of syntax, which is always an error; leave it out");
      } else {
        severities.put(field.getKey(), severity);
      }
    }
    return Map.copyOf(severities);
  }

  private Severity severity(String text, String path) {
    return switch (text) {
      case "error" -> Severity.SEVERITY_ERROR;
      case "warning" -> Severity.SEVERITY_WARNING;
      case "info" -> Severity.SEVERITY_INFO;
      case "off" -> Severity.SEVERITY_UNSPECIFIED;
      default -> {
        wrong(path, "must be error, warning, info or off");
        yield Severity.SEVERITY_UNSPECIFIED;
      }
    };
  }

  private Policy.Limits limits(JsonNode node) {
    known(node, "limits.", Set.of("lines", "function_lines", "complexity", "parameters"));
    return new Policy.Limits(
        limit(node, "lines"),
        limit(node, "function_lines"),
        limit(node, "complexity"),
        limit(node, "parameters"));
  }

  private int limit(JsonNode node, String name) {
    JsonNode limit = node.path(name);
    if (limit.isMissingNode()) {
      return Integer.MAX_VALUE;
    }
    boolean fits = limit.isNumber() && limit.asDouble() >= 1 && limit.asDouble() <= 1e9;
    if (!fits) {
      wrong("limits." + name, "must be a number from 1 to 1,000,000,000");
      return Integer.MAX_VALUE;
    }
    return (int) limit.asDouble();
  }

  private List<Pattern> patterns(JsonNode node) {
    if (node.isMissingNode()) {
      return List.of();
    }
    if (!node.isArray() || node.size() > MOST_PATTERNS) {
      wrong("patterns", "must be a list of at most 2,000 patterns");
      return List.of();
    }
    List<Pattern> patterns = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      Pattern pattern = pattern(node.get(i), "patterns[" + (i - inheritedPatterns) + "].");
      if (Rules.exists(pattern.rule())) {
        patterns.add(pattern);
      }
    }
    return List.copyOf(patterns);
  }

  private Pattern pattern(JsonNode node, String path) {
    known(node, path, Set.of("rule", "kind", "names", "when", "texts", "severity", "message"));
    String rule = text(node, path, "rule", "");
    if (!Rules.exists(rule)) {
      wrong(path + "rule", "is no rule; ListValidationRules gives those there are");
    } else if (Rules.of(rule).isOfSyntax()) {
      wrong(path + "rule", "is a rule of syntax, which only the parser finds broken; name another");
    }
    Pattern.Kind kind = Pattern.Kind.CALL;
    try {
      kind = Pattern.Kind.valueOf(text(node, path, "kind", "call").toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      wrong(path + "kind", "must be use, call, import, string, formatted or assigned");
    }
    List<Condition> when = new ArrayList<>();
    for (int i = 0; i < node.path("when").size(); i++) {
      Condition condition = condition(node.path("when").get(i), path + "when[" + i + "].");
      if (condition != null) {
        when.add(condition);
      }
    }
    String severity = text(node, path, "severity", "");
    return new Pattern(
        rule,
        kind,
        List.copyOf(texts(node.path("names"), path + "names")),
        List.copyOf(when),
        List.copyOf(texts(node.path("texts"), path + "texts")),
        severity.isEmpty() ? null : severity(severity, path + "severity"),
        text(node, path, "message", ""));
  }

  private @Nullable Condition condition(JsonNode node, String path) {
    int position = node.path("position").asInt(-1);
    String keyword = node.path("keyword").asString("");
    if (position < 0 && keyword.isEmpty()) {
      wrong(path + "position", "or keyword must say which argument is meant");
    }
    Test test = null;
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getKey().equals("position") && !field.getKey().equals("keyword")) {
        test = test(field.getKey(), field.getValue(), path);
      }
    }
    if (test == null) {
      wrong(
          path + "is",
          "must say what is asked: is, is_not, one_of, truthy, starts_with, contains, refers, refers_not,"
              + " computed, formatted, given, below or any_bits");
      return null;
    }
    return new Condition(position, keyword, test);
  }

  private @Nullable Test test(String name, JsonNode value, String path) {
    return switch (name) {
      case "is" -> value.isNull() ? new Test.None() : new Test.OneOf(List.of(constant(value)));
      case "is_not" -> new Test.IsNot(constant(value));
      case "truthy" -> new Test.Truthy();
      case "one_of" -> {
        List<Object> values = new ArrayList<>();
        value.forEach(each -> values.add(constant(each)));
        yield new Test.OneOf(List.copyOf(values));
      }
      case "starts_with" -> new Test.StartsWith(List.copyOf(texts(value, path + name)));
      case "contains" -> new Test.Contains(List.copyOf(texts(value, path + name)));
      case "refers" -> new Test.Refers(List.copyOf(texts(value, path + name)), true);
      case "refers_not" -> new Test.Refers(List.copyOf(texts(value, path + name)), false);
      case "computed" -> new Test.IsComputed();
      case "formatted" -> new Test.IsFormatted();
      case "given" -> new Test.Given(value.asBoolean(true));
      case "below" -> new Test.Below(value.asDouble(0));
      case "any_bits" -> new Test.AnyBits((long) value.asDouble(0));
      default -> null;
    };
  }

  private static Object constant(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    return value.isNumber() ? (Object) value.asDouble() : value.asString("");
  }

  private Map<String, String> reasons(JsonNode parent, String path, String name) {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object(parent, path, name).properties()) {
      if (!field.getValue().isString()) {
        wrong(path + name + "." + field.getKey(), "must be a text");
      }
      if (field.getKey().length() > LONGEST_NAME) {
        wrong(path + name, "has a name of more than 500 characters");
      }
      reasons.put(field.getKey(), field.getValue().asString(""));
    }
    return Map.copyOf(reasons);
  }

  private Set<String> texts(JsonNode node, String path) {
    Set<String> texts = new LinkedHashSet<>();
    if (!node.isMissingNode() && !node.isArray()) {
      wrong(path, "must be a list of texts");
    }
    for (JsonNode each : node) {
      if (!each.isString()) {
        wrong(path, "must be a list of texts");
      }
      texts.add(each.asString(""));
    }
    return texts;
  }

  private JsonNode object(JsonNode parent, String path, String name) {
    JsonNode node = parent.path(name);
    if (!node.isMissingNode() && !node.isObject()) {
      wrong(path + name, "must be an object");
    }
    return node;
  }

  private String text(JsonNode parent, String path, String name, String otherwise) {
    JsonNode node = parent.path(name);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isString()) {
      wrong(path + name, "must be a text");
    }
    return node.asString(otherwise);
  }

  private void known(JsonNode node, String path, Set<String> names) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!names.contains(field.getKey())) {
        wrong(path + field.getKey(), "is unknown; there are " + sorted(names));
      }
    }
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  private void wrong(String path, String description) {
    violations.check(false, root.isEmpty() ? path : root + "." + path, description);
  }
}
