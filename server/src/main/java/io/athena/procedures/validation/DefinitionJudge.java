package io.athena.procedures.validation;

import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.validation.Facts.Function;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/** Whether code does what its procedure's definition says. */
final class DefinitionJudge {
  /** The rules about differences from the definition. */
  static final Set<String> RULES =
      Set.of(
          "ambiguous-entry-point",
          "entry-point-name",
          "not-implemented",
          "parameter-needs-default",
          "parameter-type",
          "step-not-found",
          "undefined-parameter",
          "unused-parameter");

  /** What hints may stand for a type, and Any for every type. */
  private static final Map<ParameterType, Set<String>> HINTS =
      Map.of(
          ParameterType.PARAMETER_TYPE_STRING, Set.of("str"),
          ParameterType.PARAMETER_TYPE_INTEGER, Set.of("int", "float", "complex"),
          ParameterType.PARAMETER_TYPE_NUMBER, Set.of("float", "complex"),
          ParameterType.PARAMETER_TYPE_BOOLEAN, Set.of("bool", "int"),
          ParameterType.PARAMETER_TYPE_ARRAY, Set.of("list"),
          ParameterType.PARAMETER_TYPE_OBJECT, Set.of("dict"));

  private static final Set<String> PLAIN =
      Set.of("str", "int", "float", "complex", "bool", "list", "dict", "set", "tuple", "bytes");

  private static final java.util.regex.Pattern WORD =
      java.util.regex.Pattern.compile("[\\p{L}]{4,}");
  private static final Set<String> NO_WORDS =
      Set.of(
          "with",
          "from",
          "into",
          "then",
          "that",
          "this",
          "each",
          "every",
          "them",
          "their",
          "there",
          "have",
          "when",
          "where",
          "which",
          "what",
          "will",
          "must",
          "should",
          "would",
          "could",
          "does",
          "done",
          "make",
          "using",
          "also",
          "only",
          "some",
          "such",
          "than",
          "other",
          "about",
          "after",
          "before",
          "over",
          "under",
          "again",
          "step",
          "steps",
          "procedure");

  private final Facts facts;
  private final Findings findings;
  private final Procedure procedure;

  private DefinitionJudge(Facts facts, Findings findings, Procedure procedure) {
    this.facts = facts;
    this.findings = findings;
    this.procedure = procedure;
  }

  /** Without a procedure only tells if no entry point can be found. */
  static void judge(
      Facts facts, EntryPoint entry, Procedure procedure, String code, Findings findings) {
    DefinitionJudge judge = new DefinitionJudge(facts, findings, procedure);
    if (entry.candidates().size() > 1) {
      findings.add(
          "ambiguous-entry-point",
          Place.WHOLE,
          "the code defines %s, and none of them is named '%s', 'main' or 'run'"
              .formatted(
                  String.join(", ", entry.candidates()),
                  procedure.getName().isEmpty() ? "like the procedure" : procedure.getName()));
    }
    if (procedure.getProcedureId() == 0) {
      return;
    }
    Function function = entry.function();
    if (function != null) {
      judge.judgeName(function);
      judge.judgeParameters(function);
    } else if (facts.script()) {
      judge.judgeScript();
    }
    judge.judgeSteps(function, code);
  }

  private void judgeName(Function function) {
    if (!function.name().equals(procedure.getName()) && isIdentifier(procedure.getName())) {
      findings.add(
          "entry-point-name",
          function.place(),
          "the procedure is named '%s', but the code's entry point '%s'"
              .formatted(procedure.getName(), function.name()));
    }
  }

  private static boolean isIdentifier(String name) {
    return name.matches("[\\p{L}_][\\p{L}\\p{N}_]*");
  }

  private void judgeParameters(Function function) {
    Map<String, Facts.Parameter> taken = new HashMap<>();
    for (Facts.Parameter each : function.parameters()) {
      if (!each.kind().startsWith("*")) {
        taken.put(each.name(), each);
      }
    }
    for (Parameter defined : procedure.getParametersList()) {
      Facts.Parameter parameter = taken.remove(defined.getName());
      if (parameter == null) {
        if (!function.takesAnything()) {
          findings.add(
              "unused-parameter",
              function.place(),
              "the procedure has a parameter '%s', which %s does not take"
                  .formatted(defined.getName(), function.name()));
        }
        continue;
      }
      judgeParameter(function, defined, parameter);
    }
    for (Facts.Parameter unknown : taken.values()) {
      if (!unknown.optional()) {
        findings.add(
            "undefined-parameter",
            function.place(),
            "%s needs the parameter '%s', which the procedure does not have, so no call could succeed"
                .formatted(function.name(), unknown.name()));
      }
    }
  }

  private void judgeParameter(Function function, Parameter defined, Facts.Parameter parameter) {
    if (!defined.getRequired() && !defined.hasDefaultValue() && !parameter.optional()) {
      findings.add(
          "parameter-needs-default",
          function.place(),
          "'%s' may be left out of a call, but %s has no default for it"
              .formatted(defined.getName(), function.name()));
    }
    Set<String> fitting = HINTS.get(defined.getType());
    String hint = parameter.annotation();
    String plain = hint.toLowerCase(Locale.ROOT).replaceFirst("\\[.*", "");
    if (fitting != null && PLAIN.contains(plain) && !fitting.contains(plain)) {
      findings.add(
          "parameter-type",
          function.place(),
          "'%s' is %s in the definition, but %s in the code"
              .formatted(
                  defined.getName(),
                  defined.getType().name().replace("PARAMETER_TYPE_", "").toLowerCase(Locale.ROOT),
                  hint));
    }
  }

  private void judgeScript() {
    boolean reads =
        facts.strings().stream()
            .map(Facts.Named::name)
            .anyMatch(text ->
                procedure.getParametersList().stream()
                    .anyMatch(parameter -> parameter.getName().equals(text)));
    if (procedure.getParametersCount() > 0 && !reads) {
      findings.add(
          "unused-parameter",
          Place.WHOLE,
          "the procedure has parameters, but the script reads none of them from 'parameters'");
    }
  }

  private void judgeSteps(@Nullable Function function, String code) {
    if (function != null && function.empty()) {
      findings.add(
          "not-implemented",
          function.place(),
          "%s has no body, so none of the procedure's steps is done".formatted(function.name()));
      return;
    }
    String text = code.toLowerCase(Locale.ROOT);
    for (int i = 0; i < procedure.getStepsCount(); i++) {
      String step = procedure.getSteps(i).getDescription();
      List<String> words =
          WORD.matcher(step.toLowerCase(Locale.ROOT))
              .results()
              .map(MatchResult::group)
              .filter(word -> !NO_WORDS.contains(word))
              .toList();
      if (!words.isEmpty() && words.stream().map(DefinitionJudge::stem).noneMatch(text::contains)) {
        findings.add(
            "step-not-found",
            Place.WHOLE,
            "no word of step %d (%s) occurs in the code".formatted(i + 1, TextRules.quote(step)));
      }
    }
  }

  /** The part of a word that its forms share, roughly. */
  private static String stem(String word) {
    return word.length() <= 5 ? word.substring(0, 4) : word.substring(0, word.length() - 2);
  }
}
