package io.athena.procedures.generation;

import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A template that is a Python script with {@code {{variables}}}. Each stands for the value that a
 * call gives the parameter of that name, which is no text that is put into the code.
 */
final class CodeTemplate {
  private static final Pattern CODE =
      Pattern.compile(
          "(?m)^(?:def \\w+\\(|async def \\w+\\(|import \\w+|from [\\w.]+ import |result\\s*=)");

  private CodeTemplate() {}

  /** True if the template is code and not text. */
  static boolean isCode(String template) {
    return CODE.matcher(template).find();
  }

  static Draft draft(Procedure procedure) {
    Map<String, Parameter> parameters =
        procedure.getParametersList().stream()
            .collect(Collectors.toMap(Parameter::getName, Function.identity()));
    StringBuilder code = new StringBuilder();
    String problem = Templates.unclosed(procedure.getTemplate());
    boolean isModule =
        Pattern.compile("(?m)^(?:async )?def ").matcher(procedure.getTemplate()).find();
    Matcher variables = Words.VARIABLE.matcher(procedure.getTemplate());
    while (variables.find()) {
      String name = variables.group(1);
      Parameter parameter = parameters.get(name);
      if (parameter == null) {
        problem = "{{" + name + "}} is no parameter of the procedure; declare it";
      } else if (isModule && !parameter.hasDefaultValue()) {
        problem =
            "{{"
                + name
                + "}} stands in a template with functions and has no default; make it a"
                + " parameter of the function";
      }
      String value =
          parameter == null
              ? "None"
              : isModule
                  ? PythonText.literal(parameter.getDefaultValue())
                  : "parameters[" + PythonText.literal(name) + "]";
      variables.appendReplacement(code, Matcher.quoteReplacement(value));
    }
    variables.appendTail(code);
    StepReport report =
        StepReport.newBuilder()
            .setCovered(problem.isEmpty())
            .setMessage(problem.isEmpty() ? "the template's code" : problem)
            .build();
    String text =
        problem.isEmpty()
            ? code.toString()
            : "raise NotImplementedError(" + PythonText.literal(problem) + ")\n";
    return new Draft(text, List.of(report), Set.of());
  }
}
