package io.athena.procedures.generation;

import java.util.Locale;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** Text with {@code {{variables}}} as Python. */
final class Templates {
  private Templates() {}

  /**
   * A literal, or an f-string whose only expressions are names of variables; null, with the reason
   * noted, if it speaks of a variable that there is not.
   */
  static @Nullable Expr text(String template, Scope scope, Needs needs) {
    StringBuilder code = new StringBuilder();
    boolean hasVariables = false;
    int end = 0;
    Matcher variables = Words.VARIABLE.matcher(template);
    while (variables.find()) {
      String before = template.substring(end, variables.start());
      Variable variable = variable(variables.group(1), scope, needs);
      if (variable == null) {
        return null;
      }
      code.append(PythonText.inFormat(before)).append('{').append(variable.name()).append('}');
      hasVariables = true;
      end = variables.end();
    }
    String rest = template.substring(end);
    if (rest.contains("{{")) {
      needs.problem("it has {{ without }}");
      return null;
    }
    return hasVariables
        ? Expr.atom("f\"" + code + PythonText.inFormat(rest) + '"', ValueType.TEXT)
        : Expr.atom(PythonText.literal(rest), ValueType.TEXT);
  }

  /** The variable of a name between braces; null, with the reason noted, if there is none. */
  static @Nullable Variable variable(String name, Scope scope, Needs needs) {
    Variable variable = scope.names().get(name);
    if (variable == null) {
      variable = scope.called(name.toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    if (variable == null) {
      needs.problem(
          "{{"
              + name
              + "}} is neither a parameter nor made by an earlier step; declare it as a parameter");
    }
    return variable;
  }
}
