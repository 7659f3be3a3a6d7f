package io.athena.procedures.validation;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.TextRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The policies that come with the server. Immutable. */
final class Policies {
  static final String DEFAULT = "default";
  private static final List<String> NAMES = List.of(DEFAULT, "strict");

  private final Map<String, JsonNode> documents = new LinkedHashMap<>();
  private final Map<String, Policy> policies = new LinkedHashMap<>();

  private Policies() {}

  static Policies builtIn() {
    Policies read = new Policies();
    for (String name : NAMES) {
      JsonNode own = DataFiles.read("policies/" + name + ".json");
      Violations violations = new Violations();
      read.add(name, read.whole(own, violations, ""), violations);
    }
    return read;
  }

  private void add(String name, JsonNode document, Violations violations) {
    Policy policy = new PolicyReader(violations, "").read(name, document);
    violations.throwIfAny();
    documents.put(name, document);
    policies.put(name, policy);
  }

  /**
   * The policy of that name; empty stands for "default".
   *
   * @throws InvalidArgumentException naming {@code field} if there is none
   */
  Policy of(String name, String field) {
    Policy policy = policies.get(name.isEmpty() ? DEFAULT : name);
    if (policy == null) {
      throw new InvalidArgumentException(field, unknown(name));
    }
    return policy;
  }

  /**
   * A policy of a project's own.
   *
   * @param root path of the document in the request
   */
  Policy read(String name, JsonNode document, Violations violations, String root) {
    return new PolicyReader(violations, root).read(name, whole(document, violations, root));
  }

  private JsonNode whole(JsonNode own, Violations violations, String root) {
    String base = own.path("extends").asString("");
    if (base.isEmpty()) {
      return own;
    }
    JsonNode document = documents.get(base);
    if (document == null) {
      violations.check(false, root.isEmpty() ? "extends" : root + ".extends", unknown(base));
      return own;
    }
    return PolicyReader.merged(document, own);
  }

  private String unknown(String name) {
    return "there is no policy %s; there are %s"
        .formatted(TextRules.quote(name), String.join(", ", policies.keySet()));
  }
}
