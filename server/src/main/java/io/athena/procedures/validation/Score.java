package io.athena.procedures.validation;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.ScorePart;
import io.athena.procedures.v1.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * What code earns, part by part. Silenced issues cost nothing; code that does not parse earns
 * nothing.
 */
final class Score {
  private static final double SYNTAX = 0.20;
  private static final double SECURITY = 0.25;
  private static final double DOCSTRING = 0.10;
  private static final double ERROR_HANDLING = 0.15;
  private static final double TYPE_HINTS = 0.10;
  private static final double STYLE = 0.10;
  private static final double DEFINITION = 0.10;

  private static final double SECURITY_WARNING_COSTS = 0.05;
  private static final double STYLE_WARNING_COSTS = 0.025;
  private static final double MISFIT_COSTS = 0.025;

  private Score() {}

  static List<ScorePart> parts(
      Facts facts, EntryPoint entry, boolean compared, List<Issue> issues) {
    boolean parses = facts.error() == null;
    List<ScorePart> parts = new ArrayList<>();
    parts.add(
        part(
            "syntax",
            parses ? SYNTAX : 0,
            SYNTAX,
            parses ? "Python takes it" : "Python does not take it, so nothing else counts"));
    if (!parses) {
      for (String name :
          List.of("security", "docstring", "error_handling", "type_hints", "style", "definition")) {
        parts.add(part(name, 0, weight(name), "not examined"));
      }
      return parts;
    }
    parts.add(security(issues));
    boolean documented = isDocumented(facts, entry);
    parts.add(
        part(
            "docstring",
            documented ? DOCSTRING : 0,
            DOCSTRING,
            documented ? "there is one" : "the entry point has none"));
    parts.add(errorHandling(Handling.of(facts)));
    Hints hints = Hints.of(facts);
    parts.add(
        part(
            "type_hints",
            TYPE_HINTS * hints.share(),
            TYPE_HINTS,
            hints.possible() == 0
                ? "there is nothing to annotate"
                : "%d of %d parameters and returns have one"
                    .formatted(hints.given(), hints.possible())));
    parts.add(style(issues));
    parts.add(definition(compared, issues));
    return parts;
  }

  static boolean isDocumented(Facts facts, EntryPoint entry) {
    Facts.Function function = entry.function();
    return function == null ? facts.docstring() : function.docstring();
  }

  private static ScorePart security(List<Issue> issues) {
    long errors = count(issues, IssueCategory.ISSUE_CATEGORY_SECURITY, Severity.SEVERITY_ERROR);
    long warnings = count(issues, IssueCategory.ISSUE_CATEGORY_SECURITY, Severity.SEVERITY_WARNING);
    if (errors > 0) {
      return part("security", 0, SECURITY, errors + plural(errors, " error"));
    }
    return part(
        "security",
        Math.max(0, SECURITY - warnings * SECURITY_WARNING_COSTS),
        SECURITY,
        "no error, " + warnings + plural(warnings, " warning") + " at 0.05 each");
  }

  private static ScorePart errorHandling(Handling handling) {
    if (handling.swallowing() > 0) {
      return part(
          "error_handling",
          0,
          ERROR_HANDLING,
          "%d handler%s every error and %s nothing"
              .formatted(
                  handling.swallowing(),
                  handling.swallowing() == 1 ? " catches" : "s catch",
                  handling.swallowing() == 1 ? "does" : "do"));
    }
    if (handling.handlers() > 0) {
      return part("error_handling", ERROR_HANDLING, ERROR_HANDLING, "errors are handled");
    }
    if (handling.refusals() > 0) {
      return part(
          "error_handling",
          ERROR_HANDLING * 2 / 3,
          ERROR_HANDLING,
          "what is wrong is told by raising, but no error of others is handled");
    }
    return part("error_handling", 0, ERROR_HANDLING, "no error is handled");
  }

  private static ScorePart style(List<Issue> issues) {
    long warnings =
        count(issues, IssueCategory.ISSUE_CATEGORY_STYLE, Severity.SEVERITY_WARNING)
            + count(issues, IssueCategory.ISSUE_CATEGORY_STYLE, Severity.SEVERITY_ERROR);
    return part(
        "style",
        Math.max(0, STYLE - warnings * STYLE_WARNING_COSTS),
        STYLE,
        warnings + plural(warnings, " warning") + " at 0.025 each");
  }

  private static ScorePart definition(boolean compared, List<Issue> issues) {
    if (!compared) {
      return part("definition", DEFINITION, DEFINITION, "compared with no procedure");
    }
    List<Issue> misfits =
        issues.stream()
            .filter(issue -> issue.getSilencedReason().isEmpty())
            .filter(issue -> DefinitionJudge.RULES.contains(issue.getRuleId()))
            .toList();
    boolean grave =
        misfits.stream().anyMatch(issue -> issue.getSeverity() == Severity.SEVERITY_ERROR);
    return part(
        "definition",
        grave ? 0 : Math.max(0, DEFINITION - misfits.size() * MISFIT_COSTS),
        DEFINITION,
        misfits.isEmpty()
            ? "the code fits the procedure's definition"
            : misfits.size()
                + plural(misfits.size(), " difference")
                + " from the procedure's definition"
                + (grave ? ", one of which is an error" : " at 0.025 each"));
  }

  private static long count(List<Issue> issues, IssueCategory category, Severity severity) {
    return issues.stream()
        .filter(issue -> issue.getSilencedReason().isEmpty())
        .filter(issue -> issue.getCategory() == category && issue.getSeverity() == severity)
        .count();
  }

  private static double weight(String name) {
    return switch (name) {
      case "security" -> SECURITY;
      case "docstring" -> DOCSTRING;
      case "error_handling" -> ERROR_HANDLING;
      case "type_hints" -> TYPE_HINTS;
      case "style" -> STYLE;
      default -> DEFINITION;
    };
  }

  private static String plural(long count, String noun) {
    return noun + (count == 1 ? "" : "s");
  }

  private static ScorePart part(String name, double score, double weight, String explanation) {
    return ScorePart.newBuilder()
        .setName(name)
        .setScore(Math.round(score * 1e4) / 1e4)
        .setWeight(weight)
        .setExplanation(explanation)
        .build();
  }
}
