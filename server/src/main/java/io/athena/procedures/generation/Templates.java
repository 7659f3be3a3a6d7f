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
    return text(template, scope, needs, Syntax.TEXT);
  }

  /** The same for a text that is read so; null too if a value could become syntax in it. */
  static @Nullable Expr text(String template, Scope scope, Needs needs, Syntax syntax) {
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
      String value =
          syntax.placed(
              Words.VARIABLE.matcher(template.substring(0, variables.start())).replaceAll("x"),
              template.substring(variables.end()),
              variable,
              needs);
      if (value == null) {
        return null;
      }
      code.append(PythonText.inFormat(before)).append(value);
      hasVariables = true;
      end = variables.end();
    }
    String unclosed = unclosed(template);
    if (!unclosed.isEmpty()) {
      needs.problem(unclosed);
      return null;
    }
    String rest = template.substring(end);
    return hasVariables
        ? Expr.atom("f\"" + code + PythonText.inFormat(rest) + '"', ValueType.TEXT)
        : Expr.atom(PythonText.literal(rest), ValueType.TEXT);
  }

  /** Where a text has {{ without }}; empty if it has not. */
  static String unclosed(String text) {
    int open = text.indexOf("{{");
    while (open >= 0) {
      Matcher variable = Words.VARIABLE.matcher(text).region(open, text.length());
      if (!variable.lookingAt()) {
        String before = text.substring(0, open);
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        return "it has {{ without }} in line %d, column %d"
            .formatted(line, open - before.lastIndexOf('\n'));
      }
      open = text.indexOf("{{", variable.end());
    }
    return "";
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
