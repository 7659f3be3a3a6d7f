package io.athena.procedures.validation;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the code reaches: modules, builtins and attributes, whatever it calls them. */
final class NamesJudge {
  private static final String BUILTINS = "builtins.";

  /** What a type tells of itself to people. */
  private static final Set<String> TELLING =
      Set.of("__class__", "__name__", "__qualname__", "__module__", "__doc__");

  /** Functions that import what they are told to. */
  private static final Set<String> IMPORTERS =
      Set.of("builtins.__import__", "importlib.import_module", "importlib.__import__");

  private final Facts facts;
  private final Set<String> judged = new HashSet<>();
  private final Set<Start> calledImporters = new HashSet<>();
  private final Set<Start> calledGetters;
  private final Findings findings;
  private final Policy policy;

  private record Start(int line, int column) {
    static Start of(Place place) {
      return new Start(place.line(), place.column());
    }
  }

  private NamesJudge(Facts facts, Findings findings) {
    this.facts = facts;
    this.findings = findings;
    this.policy = findings.policy();
    this.calledGetters =
        facts.calls().stream()
            .filter(call -> call.name().equals("builtins.getattr"))
            .map(call -> Start.of(call.place()))
            .collect(Collectors.toSet());
  }

  static void judge(Facts facts, Findings findings) {
    NamesJudge judge = new NamesJudge(facts, findings);
    facts.imports().forEach(judge::judgeImport);
    facts.reached().forEach(judge::judgeReached);
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
      calledImporters.add(Start.of(each.place()));
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
    List<Place> places = List.of(each.place());
    if (!judgeModule(each.module(), places) && !each.name().isEmpty() && !each.name().equals("*")) {
      judgeListed(each.module() + "." + each.name(), places);
    }
  }

  /** A module is judged wherever it is reached, not only where it is imported. */
  private void judgeReached(Facts.Named module) {
    judgeModule(module.name(), module.places());
  }

  /** True if something was found. */
  private boolean judgeModule(String module, List<Place> places) {
    if (judgeListed(module, places)) {
      return true;
    }
    if (policy.allowedModules().isEmpty()
        || policy.allowedModules().stream()
            .anyMatch(allowed -> Condition.isOrIsIn(module, allowed))) {
      return false;
    }
    tell(
        "unlisted-module",
        places,
        "module %s is not among those that policy '%s' allows".formatted(module, policy.name()));
    return true;
  }

  /** True if the policy speaks of the module, or of what it is in. */
  private boolean judgeListed(String module, List<Place> places) {
    String rule = "forbidden-module";
    String said = "module %s is forbidden: %s";
    String listed = listed(policy.forbiddenModules(), module);
    String reason = policy.forbiddenModules().get(listed);
    if (reason == null) {
      rule = "discouraged-module";
      said = "module %s: %s";
      listed = listed(policy.discouragedModules(), module);
      reason = policy.discouragedModules().get(listed);
    }
    if (reason == null) {
      return false;
    }
    judged.add(listed);
    tell(rule, places, said.formatted(module, reason));
    return true;
  }

  private void tell(String rule, List<Place> places, String message) {
    for (Place place : places) {
      findings.add(rule, place, message);
    }
    if (places.size() >= Facts.Named.MOST_PLACES) {
      findings.add(
          rule,
          Place.WHOLE,
          "%s (in %,d places or more, of which the first are told)"
              .formatted(message, places.size()));
    }
  }

  private void judgeUse(Facts.Named use) {
    String name = use.name();
    if (IMPORTERS.contains(name)) {
      judgeHandedOn(
          "dynamic-import",
          use,
          calledImporters,
          "%s is handed on, and imports modules whose names only a run can tell; use an import statement");
    } else if (name.equals("builtins.getattr")) {
      judgeHandedOn(
          "dynamic-attribute",
          use,
          calledGetters,
          "%s is handed on, and only a run can tell which attributes it reaches");
    }
    if (!name.startsWith(BUILTINS)) {
      judgeModuleOf(use);
      return;
    }
    String builtin = name.substring(BUILTINS.length());
    String rule = "forbidden-builtin";
    String reason = policy.forbiddenBuiltins().get(listed(policy.forbiddenBuiltins(), builtin));
    if (reason == null) {
      rule = "discouraged-builtin";
      reason = policy.discouragedBuiltins().get(listed(policy.discouragedBuiltins(), builtin));
    }
    if (reason != null) {
      tell(rule, use.places(), "the builtin %s: %s".formatted(first(builtin), reason));
    }
  }

  /** Handed on instead of called, such a function reaches what nobody sees. */
  private void judgeHandedOn(String rule, Facts.Named use, Set<Start> called, String said) {
    List<Place> handedOn =
        use.places().stream().filter(place -> !called.contains(Start.of(place))).toList();
    tell(rule, handedOn, said.formatted(bare(use.name())));
  }

  /** A module in one that is imported, and not named by an import itself. */
  private void judgeModuleOf(Facts.Named use) {
    int call = use.name().indexOf('(');
    String reached = call < 0 ? use.name() : use.name().substring(0, call);
    for (Map<String, String> reasons :
        List.of(policy.forbiddenModules(), policy.discouragedModules())) {
      String listed = listed(reasons, reached);
      if (!listed.isEmpty()) {
        // Where it is imported, or was reached, it has been told already.
        if (!judged.contains(listed)) {
          judgeListed(listed, use.places());
        }
        return;
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
      tell(rule, attribute.places(), "attribute %s: %s".formatted(attribute.name(), reason));
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

  /**
   * The name, or the nearest thing it is in, of which something is said; empty if there is none.
   */
  private static String listed(Map<String, String> reasons, String name) {
    if (reasons.isEmpty()) {
      return "";
    }
    int begin =
        name.length() <= PolicyReader.LONGEST_NAME
            ? name.length()
            : name.lastIndexOf('.', PolicyReader.LONGEST_NAME);
    for (int end = begin; end > 0; end = name.lastIndexOf('.', end - 1)) {
      if (reasons.containsKey(name.substring(0, end))) {
        return name.substring(0, end);
      }
    }
    return "";
  }

  private static String bare(String name) {
    return name.startsWith(BUILTINS) ? name.substring(BUILTINS.length()) : name;
  }

  private static String first(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
