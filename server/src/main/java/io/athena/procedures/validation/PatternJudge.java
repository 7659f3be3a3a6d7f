package io.athena.procedures.validation;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** What the policy's patterns find among calls, uses of names, imports and strings. */
final class PatternJudge {
  private final PatternIndex index;
  private final Findings findings;
  private final Set<Found> found = new HashSet<>();

  /** Of several patterns of a rule that match in one place the first is told. */
  private record Found(String rule, Place place) {}

  private PatternJudge(Findings findings) {
    this.index = findings.policy().index();
    this.findings = findings;
  }

  static void judge(Facts facts, Findings findings) {
    PatternJudge judge = new PatternJudge(findings);
    facts.calls().forEach(judge::judgeCall);
    facts.uses().forEach(use -> judge.judgeNamed(Pattern.Kind.USE, use));
    facts.imports().forEach(judge::judgeImport);
    facts.strings().forEach(judge::judgeString);
    facts.assignedStrings().forEach(judge::judgeAssigned);
    facts.formatted().forEach(judge::judgeFormatted);
  }

  private void judgeCall(Facts.Call call) {
    for (Pattern pattern : index.matching(Pattern.Kind.CALL, call.name())) {
      if (pattern.matches(call)) {
        found(pattern, call.place(), call.name());
      }
    }
  }

  private void judgeNamed(Pattern.Kind kind, Facts.Named named) {
    for (Pattern pattern : index.matching(kind, named.name())) {
      named.places().forEach(place -> found(pattern, place, named.name()));
    }
  }

  private void judgeImport(Facts.Import each) {
    String name =
        each.name().isEmpty() || each.name().equals("*")
            ? each.module()
            : each.module() + "." + each.name();
    for (Pattern pattern : index.matching(Pattern.Kind.IMPORT, name)) {
      found(pattern, each.place(), name);
    }
  }

  private void judgeString(Facts.Named string) {
    for (Pattern pattern : index.of(Pattern.Kind.STRING)) {
      if (isAnyOf(pattern.texts(), string.name())) {
        string.places().forEach(place -> found(pattern, place, string.name()));
      }
    }
  }

  /** "x" stands for itself, "x*" for what begins so. */
  private static boolean isAnyOf(Iterable<String> texts, String text) {
    for (String each : texts) {
      if (each.endsWith("*")
          ? text.startsWith(each.substring(0, each.length() - 1))
          : text.equals(each)) {
        return true;
      }
    }
    return false;
  }

  private void judgeAssigned(Facts.Named assigned) {
    String name = assigned.name().toLowerCase(Locale.ROOT);
    for (Pattern pattern : index.of(Pattern.Kind.ASSIGNED)) {
      if (pattern.texts().stream().anyMatch(name::contains)) {
        assigned.places().forEach(place -> found(pattern, place, assigned.name()));
      }
    }
  }

  private void judgeFormatted(Facts.Formatted formatted) {
    for (Pattern pattern : index.of(Pattern.Kind.FORMATTED)) {
      if (Sql.isStatement(formatted.text())) {
        found(pattern, formatted.place(), formatted.how());
      }
    }
  }

  private void found(Pattern pattern, Place place, String name) {
    if (!found.add(new Found(pattern.rule(), place))) {
      return;
    }
    String shown = name.startsWith("?.") ? name.substring(2) : name;
    findings.add(
        pattern.rule(),
        place,
        pattern
            .message()
            .replace("{name}", shown.startsWith("builtins.") ? shown.substring(9) : shown),
        pattern.severity());
  }
}
