package io.athena.procedures.validation;

/** Whether Python would take the source at all. */
final class SyntaxJudge {
  private SyntaxJudge() {}

  static void judge(Facts facts, Findings findings) {
    Facts.ParseError error = facts.error();
    if (error != null) {
      findings.add(rule(error), error.place(), message(error));
    }
    for (Facts.Located warning : facts.warnings()) {
      findings.add("python-warning", warning.place(), "Python warns: " + warning.text());
    }
  }

  private static String rule(Facts.ParseError error) {
    return switch (error.kind()) {
      case "timeout" -> "analysis-timeout";
      case "memory" -> "analysis-memory";
      case "crash" -> "analysis-crash";
      case "depth" -> "nesting-too-deep";
      default -> "syntax-error";
    };
  }

  private static String message(Facts.ParseError error) {
    return switch (error.kind()) {
      case "timeout", "memory", "crash" ->
          error.message() + " for this code, so it was not examined; make it simpler or shorter";
      case "depth" ->
          "the code is nested too deep for Python (" + error.message() + "); make it flatter";
      case "SyntaxError", "value" -> error.message();
      default -> error.kind() + ": " + error.message();
    };
  }
}
