package io.athena.procedures.validation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the code reaches: modules, builtins and attributes, whatever it calls them. */
final class NamesJudge {
  private static final String BUILTINS = "builtins.";

  /** What a type tells of itself to people. */
  private static final Set<String> TELLING =
      Set.of("__class__", "__name__", "__qualname__", "__module__", "__doc__");

  private final Facts facts;
  private final Findings findings;
  private final Policy policy;

  private NamesJudge(Facts facts, Findings findings) {
    this.facts = facts;
    this.findings = findings;
    this.policy = findings.policy();
  }

  static void judge(Facts facts, Findings findings) {
    NamesJudge judge = new NamesJudge(facts, findings);
    facts.imports().forEach(judge::judgeImport);
    facts.uses().forEach(judge::judgeUse);
    facts.attributes().forEach(judge::judgeAttribute);
    facts.formatFields().forEach(judge::judgeFormat);
    judge.judgeText();
    if (facts.truncated()) {
      findings.add(
          "too-much-to-examine",
          Place.WHOLE,
          "the code has more calls or names than are examined; split it into several procedures");
    }
  }

  private void judgeImport(Facts.Import each) {
    if (each.name().equals("*")) {
      findings.add(
          "star-import",
          each.place(),
          "'from %s import *' hides which names the code uses; name them".formatted(each.module()));
    }
    if (each.module().startsWith(".")) {
      findings.add(
          "relative-import",
          each.place(),
          "a procedure is one module and belongs to no package, so a relative import fails");
      return;
    }
    if (!each.importer().isEmpty()) {
      findings.add(
          "dynamic-import",
          each.place(),
          each.module().isEmpty()
              ? "%s() imports a module whose name only a run can tell; use an import statement"
                  .formatted(bare(each.importer()))
              : "%s() hides the import of %s; use an import statement"
                  .formatted(bare(each.importer()), each.module()));
      if (each.module().isEmpty()) {
        return;
      }
    }
    if (!judgeModule(each, each.module()) && !each.name().isEmpty() && !each.name().equals("*")) {
      judgeModule(each, each.module() + "." + each.name());
    }
  }

  /** True if something was found. */
  private boolean judgeModule(Facts.Import each, String module) {
    String reason = longest(policy.forbiddenModules(), module);
    if (reason != null) {
      findings.add(
          "forbidden-module", each.place(), "module %s is forbidden: %s".formatted(module, reason));
      return true;
    }
    reason = longest(policy.discouragedModules(), module);
    if (reason != null) {
      findings.add("discouraged-module", each.place(), "module %s: %s".formatted(module, reason));
      return true;
    }
    if (!policy.allowedModules().isEmpty()
        && policy.allowedModules().stream()
            .noneMatch(allowed -> Condition.isOrIsIn(each.module(), allowed))) {
      findings.add(
          "unlisted-module",
          each.place(),
          "module %s is not among those that policy '%s' allows"
              .formatted(each.module(), policy.name()));
      return true;
    }
    return false;
  }

  private void judgeUse(Facts.Named use) {
    String name = use.name();
    if (!name.startsWith(BUILTINS)) {
      return;
    }
    String builtin = name.substring(BUILTINS.length());
    String reason = longest(policy.forbiddenBuiltins(), builtin);
    String rule = "forbidden-builtin";
    if (reason == null) {
      reason = longest(policy.discouragedBuiltins(), builtin);
      rule = "discouraged-builtin";
    }
    if (reason != null) {
      for (Place place : use.places()) {
        findings.add(rule, place, "the builtin %s: %s".formatted(first(builtin), reason));
      }
    }
  }

  private void judgeAttribute(Facts.Named attribute) {
    String reason = policy.forbiddenAttributes().get(attribute.name());
    String rule = "forbidden-attribute";
    if (reason == null) {
      reason = policy.suspectAttributes().get(attribute.name());
      rule = "suspect-attribute";
    }
    if (reason != null) {
      for (Place place : attribute.places()) {
        findings.add(rule, place, "attribute %s: %s".formatted(attribute.name(), reason));
      }
    }
  }

  private void judgeFormat(Facts.FormatFields fields) {
    List<String> hidden =
        fields.attributes().stream()
            .filter(attribute ->
                isHidden(attribute)
                    || policy.forbiddenAttributes().containsKey(attribute)
                    || policy.suspectAttributes().containsKey(attribute))
            .distinct()
            .toList();
    if (!hidden.isEmpty()) {
      findings.add(
          "format-attribute",
          fields.place(),
          "the format string reads %s of its argument; format plain values"
              .formatted(String.join(", ", hidden)));
    }
  }

  private static boolean isHidden(String attribute) {
    return attribute.startsWith("__") && !TELLING.contains(attribute);
  }

  private void judgeText() {
    for (Facts.Located odd : facts.oddCharacters()) {
      findings.add(
          "misleading-character",
          odd.place(),
          "the source holds the invisible character %s, which can make code look like what it is not; write it as an escape"
              .formatted(odd.text()));
    }
    for (Facts.Renamed name : facts.renamed()) {
      findings.add(
          "misleading-name",
          name.place(),
          "Python reads this name as '%s' (NFKC); write it so".formatted(name.read()));
    }
    Facts.Located encoding = facts.encoding();
    if (encoding != null && !isUtf8(encoding.text())) {
      findings.add(
          "declared-encoding",
          encoding.place(),
          "code is kept and run as UTF-8, but this line declares %s: elsewhere it would be read as something else; remove the line"
              .formatted(encoding.text()));
    }
  }

  private static boolean isUtf8(String encoding) {
    return encoding.toLowerCase(java.util.Locale.ROOT).replace('_', '-').matches("utf-?8(-sig)?");
  }

  /** What is said of the name, or of the nearest thing it is in. */
  private static @Nullable String longest(Map<String, String> reasons, String name) {
    if (reasons.isEmpty()) {
      return null;
    }
    int begin =
        name.length() <= PolicyReader.LONGEST_NAME
            ? name.length()
            : name.lastIndexOf('.', PolicyReader.LONGEST_NAME);
    for (int end = begin; end > 0; end = name.lastIndexOf('.', end - 1)) {
      String reason = reasons.get(name.substring(0, end));
      if (reason != null) {
        return reason;
      }
    }
    return null;
  }

  private static String bare(String name) {
    return name.startsWith(BUILTINS) ? name.substring(BUILTINS.length()) : name;
  }

  private static String first(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
