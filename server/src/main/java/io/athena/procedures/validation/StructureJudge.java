package io.athena.procedures.validation;

import io.athena.procedures.validation.Facts.Function;
import io.athena.procedures.validation.Facts.Handler;

/** How the code is built: sizes, documentation, annotations, handling of errors. */
final class StructureJudge {
  private StructureJudge() {}

  static void judge(Facts facts, EntryPoint entry, Findings findings) {
    judgeSizes(facts, findings);
    judgeHandlers(facts, findings);
    judgeDocumentation(facts, entry, findings);
    for (Facts.Located raised : facts.raises()) {
      if (raised.text().equals("NotImplementedError")) {
        findings.add(
            "not-implemented",
            raised.place(),
            "raises NotImplementedError: something is still to be written");
      }
    }
  }

  private static void judgeSizes(Facts facts, Findings findings) {
    Policy.Limits limits = findings.policy().limits();
    if (facts.lines() > limits.lines()) {
      findings.add(
          "code-too-long",
          Place.WHOLE,
          "the code has %,d lines; policy '%s' advises at most %,d; split it into several procedures"
              .formatted(facts.lines(), findings.policy().name(), limits.lines()));
    }
    for (Function function : facts.functions()) {
      int lines = function.lastLine() - function.place().line() + 1;
      if (lines > limits.functionLines()) {
        findings.add(
            "function-too-long",
            function.place(),
            "%s has %d lines; at most %d are advised"
                .formatted(function.name(), lines, limits.functionLines()));
      }
      if (function.complexity() > limits.complexity()) {
        findings.add(
            "function-too-complex",
            function.place(),
            "%s has a cyclomatic complexity of %d; at most %d is advised"
                .formatted(function.name(), function.complexity(), limits.complexity()));
      }
      if (function.parameters().size() > limits.parameters()) {
        findings.add(
            "too-many-parameters",
            function.place(),
            "%s takes %d parameters; at most %d are advised"
                .formatted(function.name(), function.parameters().size(), limits.parameters()));
      }
    }
  }

  private static void judgeHandlers(Facts facts, Findings findings) {
    for (Handler handler : facts.handlers()) {
      if (handler.swallows() && handler.isBlanket()) {
        findings.add(
            "swallowed-error",
            handler.place(),
            "catches every error and does nothing about it, so failures look like successes");
      }
    }
  }

  private static void judgeDocumentation(Facts facts, EntryPoint entry, Findings findings) {
    Function function = entry.function();
    if (function == null) {
      if (!facts.docstring()) {
        findings.add(
            "missing-docstring", Place.WHOLE, "the script does not begin with a docstring");
      }
    } else if (!function.docstring()) {
      findings.add(
          "missing-docstring",
          function.place(),
          "%s has no docstring that says what it does".formatted(function.name()));
    }
    for (Function each : facts.functions()) {
      if (each.isPublic() && each.top() && Hints.of(each).share() < 1) {
        findings.add(
            "missing-type-hints",
            each.place(),
            "%s: no type hint for %s".formatted(each.name(), Hints.missing(each)));
      }
    }
    if (function != null && !Handling.of(facts).handles()) {
      findings.add(
          "missing-error-handling",
          function.place(),
          "no error is handled; catch those that can be expected, and say what to do about them");
    }
  }
}
