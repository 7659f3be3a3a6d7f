package io.athena.procedures.validation;

import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Severity;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** All rules there are, by id, in the order of {@code rules.json}. */
final class Rules {
  private static final Map<String, Rule> BY_ID = read();

  private Rules() {}

  static Collection<Rule> all() {
    return BY_ID.values();
  }

  static boolean exists(String id) {
    return BY_ID.containsKey(id);
  }

  /** The rule of an id that is known to be one. */
  static Rule of(String id) {
    Rule rule = BY_ID.get(id);
    if (rule == null) {
      throw new IllegalArgumentException("there is no rule " + id);
    }
    return rule;
  }

  private static Map<String, Rule> read() {
    Map<String, Rule> rules = new LinkedHashMap<>();
    for (JsonNode each : DataFiles.read("rules.json")) {
      String id = each.required("id").stringValue();
      rules.put(
          id,
          new Rule(
              id,
              IssueCategory.valueOf(
                  "ISSUE_CATEGORY_" + upper(each.required("category").stringValue())),
              Severity.valueOf("SEVERITY_" + upper(each.required("severity").stringValue())),
              each.required("summary").stringValue()));
    }
    return rules;
  }

  private static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
