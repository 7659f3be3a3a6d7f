package io.athena.procedures.procedure;

import com.google.protobuf.Value;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rules that the API states for the fields of a procedure. */
public final class ProcedureRules {
  /** The project of callers who name none. */
  public static final String DEFAULT_PROJECT = "default";

  private static final Pattern PROJECT = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final int MOST_JSON_BYTES = 64 * 1024;

  private final Violations violations;
  private final String path;

  private ProcedureRules(Violations violations, String path) {
    this.violations = violations;
    this.path = path;
  }

  /** Notes every rule that a definition breaks; {@code path} names it, such as "procedure". */
  public static void check(Violations violations, String path, Procedure procedure) {
    new ProcedureRules(violations, path + ".").check(procedure);
  }

  /** Notes if a name of a project breaks its rule; empty stands for the default one. */
  public static void checkProject(Violations violations, String field, String project) {
    violations.check(
        project.isEmpty() || PROJECT.matcher(project).matches(),
        field,
        "must be 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter");
  }

  private void check(Procedure procedure) {
    checkProject(violations, path + "project", procedure.getProject());
    checkName(procedure.getName());
    TextRules.check(violations, path + "category", procedure.getCategory(), 100);
    TextRules.check(violations, path + "description", procedure.getDescription(), 10_000);
    checkSteps(procedure.getStepsList());
    TextRules.check(violations, path + "template", procedure.getTemplate(), 262_144);
    checkParameters(procedure.getParametersList());
    checkExamples(procedure.getExamplesList(), procedure.getParametersList());
    TextRules.check(violations, path + "trigger_pattern", procedure.getTriggerPattern(), 2_000);
    checkTexts("applicable_contexts", procedure.getApplicableContextsList(), 500);
    checkTexts("preconditions", procedure.getPreconditionsList(), 2_000);
    checkTexts("postconditions", procedure.getPostconditionsList(), 2_000);
    TextRules.check(violations, path + "created_by", procedure.getCreatedBy(), 200);
  }

  private void checkName(String name) {
    String field = path + "name";
    TextRules.checkRequired(violations, field, name, 200);
    violations.check(
        name.codePoints().noneMatch(c -> Character.isISOControl(c) && c != 0),
        field,
        "must not hold control characters");
    violations.check(
        name.isEmpty()
            || (!isBlank(name.codePointAt(0)) && !isBlank(name.codePointBefore(name.length()))),
        field,
        "must not begin or end with a blank");
  }

  private static boolean isBlank(int codePoint) {
    return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
  }

  private void checkCount(String field, int count, int most) {
    violations.check(
        count <= most,
        path + field,
        "has %d entries; at most %d are allowed".formatted(count, most));
  }

  private void checkSteps(List<Step> steps) {
    checkCount("steps", steps.size(), 1_000);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      String field = path + "steps[" + i + "].";
      TextRules.checkRequired(violations, field + "description", step.getDescription(), 10_000);
      TextRules.check(violations, field + "action", step.getAction(), 200);
      ParameterValues.check(violations, field + "arguments", step.getArguments(), MOST_JSON_BYTES);
    }
  }

  private void checkTexts(String field, List<String> texts, int most) {
    checkCount(field, texts.size(), 100);
    for (int i = 0; i < texts.size(); i++) {
      TextRules.check(violations, path + field + "[" + i + "]", texts.get(i), most);
    }
  }

  private void checkParameters(List<Parameter> parameters) {
    checkCount("parameters", parameters.size(), 100);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      String field = path + "parameters[" + i + "].";
      checkParameterName(field + "name", parameter.getName());
      violations.check(
          names.add(parameter.getName()),
          field + "name",
          "is the name of an earlier parameter: " + TextRules.quote(parameter.getName()));
      violations.check(
          parameter.getType() != ParameterType.UNRECOGNIZED,
          field + "type",
          "has the unknown value " + parameter.getTypeValue());
      checkDefault(field + "default_value", parameter);
      TextRules.check(violations, field + "description", parameter.getDescription(), 2_000);
    }
  }

  private void checkParameterName(String field, String name) {
    TextRules.checkRequired(violations, field, name, 100);
    violations.check(
        !PythonNames.isKeyword(name),
        field,
        "must not be a keyword of Python: " + TextRules.quote(name));
    violations.check(
        name.isEmpty() || PythonNames.isIdentifier(name),
        field,
        "must be a Python identifier: letters, digits and '_', not beginning with a digit");
  }

  private void checkDefault(String field, Parameter parameter) {
    if (!parameter.hasDefaultValue()) {
      return;
    }
    violations.check(!parameter.getRequired(), field, "must not be given for a required parameter");
    checkValue(field, parameter.getDefaultValue(), parameter.getType());
  }

  private void checkValue(String field, Value value, ParameterType type) {
    ParameterValues.problem(value, type)
        .ifPresentOrElse(
            problem -> violations.check(false, field, problem),
            () -> ParameterValues.check(violations, field, value, MOST_JSON_BYTES));
  }

  private void checkExamples(List<Example> examples, List<Parameter> parameters) {
    checkCount("examples", examples.size(), 100);
    Map<String, Parameter> known = new HashMap<>();
    parameters.forEach(parameter -> known.putIfAbsent(parameter.getName(), parameter));
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      String field = path + "examples[" + i + "].";
      checkExampleParameters(field + "parameters", example.getParameters().getFieldsMap(), known);
      ParameterValues.check(
          violations, field + "parameters", example.getParameters(), MOST_JSON_BYTES);
      if (example.hasExpected()) {
        ParameterValues.check(
            violations, field + "expected", example.getExpected(), MOST_JSON_BYTES);
      }
    }
  }

  private void checkExampleParameters(
      String field, Map<String, Value> given, Map<String, Parameter> known) {
    given.forEach((name, value) -> {
      Parameter parameter = known.get(name);
      if (parameter == null) {
        violations.check(
            false, field, "names the unknown parameter " + TextRules.quote(name) + choices(known));
      } else {
        ParameterValues.problem(value, parameter.getType())
            .ifPresent(
                problem -> violations.check(false, field, TextRules.quote(name) + " " + problem));
      }
    });
    known.values().stream()
        .filter(parameter -> parameter.getRequired() && !given.containsKey(parameter.getName()))
        .forEach(parameter ->
            violations.check(
                false,
                field,
                "lacks the required parameter " + TextRules.quote(parameter.getName())));
  }

  private static String choices(Map<String, Parameter> known) {
    return known.isEmpty()
        ? "; the procedure has no parameters"
        : known.keySet().stream()
            .limit(10)
            .map(TextRules::quote)
            .collect(Collectors.joining(", ", "; known are ", ""));
  }
}
