package io.athena.procedures.validation;

import io.athena.procedures.v1.Severity;
import java.util.Collection;
import java.util.stream.Collectors;

/** A policy in few words, for who writes code; the same text for the same policy. */
final class PolicyDigest {
  private PolicyDigest() {}

  static String of(Policy policy) {
    StringBuilder text = new StringBuilder();
    for (Rule rule : Rules.all()) {
      if (policy.severity(rule) == Severity.SEVERITY_ERROR) {
        text.append("- ").append(rule.id()).append(": ").append(rule.summary()).append('\n');
      }
    }
    add(text, "Modules that are allowed, and no others", policy.allowedModules());
    add(text, "Modules that are forbidden", policy.forbiddenModules().keySet());
    add(text, "Modules of no use here", policy.discouragedModules().keySet());
    add(text, "Builtins that are forbidden", policy.forbiddenBuiltins().keySet());
    add(text, "Builtins to do without", policy.discouragedBuiltins().keySet());
    add(text, "Attributes that are forbidden", policy.forbiddenAttributes().keySet());
    return text.toString();
  }

  private static void add(StringBuilder text, String title, Collection<String> names) {
    if (!names.isEmpty()) {
      text.append('\n')
          .append(title)
          .append(": ")
          .append(names.stream().sorted().collect(Collectors.joining(", ")))
          .append(".\n");
    }
  }
}
