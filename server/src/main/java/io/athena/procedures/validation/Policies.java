package io.athena.procedures.validation;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Fingerprint;
import io.athena.procedures.procedure.TextRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** The policies that come with the server. Immutable. */
final class Policies {
  static final String DEFAULT = "default";
  private static final List<String> NAMES = List.of(DEFAULT, "strict");

  private final Map<String, JsonNode> documents = new LinkedHashMap<>();
  private final Map<String, Policy> policies = new LinkedHashMap<>();

  private final String fingerprint;

  private Policies(String fingerprint) {
    this.fingerprint = fingerprint;
  }

  static Policies builtIn() {
    Policies read =
        new Policies(
            Fingerprint.of(
                DataFiles.read("rules.json").toString(),
                DataFiles.read("policies/default.json").toString(),
                DataFiles.read("policies/strict.json").toString()));
    for (String name : NAMES) {
      JsonNode own = DataFiles.read("policies/" + name + ".json");
      Violations violations = new Violations();
      JsonNode document =
          name.equals(DEFAULT) ? own : PolicyReader.merged(read.base(own, violations, ""), own);
      Policy policy = new PolicyReader(violations, "", 0).read(name, document);
      violations.throwIfAny();
      read.documents.put(name, document);
      read.policies.put(name, policy);
    }
    return read;
  }

  /** Tells the policies and rules of this server from those of another release. */
  String fingerprint() {
    return fingerprint;
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
    JsonNode base = base(document, violations, root);
    return new PolicyReader(violations, root, base.path("patterns").size())
        .read(name, PolicyReader.merged(base, document));
  }

  /**
   * The policy that another extends; "default" if it names none that there is, so that a mistake
   * leaves no rule without what it looks for.
   */
  private JsonNode base(JsonNode own, Violations violations, String root) {
    JsonNode name = own.path("extends");
    JsonNode base = name.isString() ? documents.get(name.stringValue()) : null;
    if (base != null) {
      return base;
    }
    violations.check(
        false,
        root.isEmpty() ? "extends" : root + ".extends",
        name.isString()
            ? unknown(name.stringValue())
            : "must name the policy that this one changes: write \"extends\": \"default\", or \"strict\";"
                + " what is not wanted of it is taken away by null or \"off\"");
    return Objects.requireNonNull(documents.get(DEFAULT));
  }

  private String unknown(String name) {
    return "there is no policy %s; there are %s"
        .formatted(TextRules.quote(name), String.join(", ", policies.keySet()));
  }
}
