package io.athena.procedures.generation;

import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts a module together: imports, helpers, and the function with its documentation. */
final class ModuleWriter {
  private final Catalogue catalogue;
  private final Procedure procedure;

  ModuleWriter(Catalogue catalogue, Procedure procedure) {
    this.catalogue = catalogue;
    this.procedure = procedure;
  }

  /**
   * The module.
   *
   * @param body lines of the function without indentation
   */
  String write(String function, ValueType result, List<String> body, Needs needs) {
    List<Catalogue.Helper> helpers = helpers(needs.helpers());
    List<String> code = new ArrayList<>();
    for (Catalogue.Helper helper : helpers) {
      code.addAll(helper.code().lines().toList());
      code.add("");
      code.add("");
    }
    code.addAll(signature(function, result));
    code.addAll(Made.indented(documentation()));
    code.addAll(Made.indented(defaults()));
    boolean renames =
        procedure.getParametersList().stream()
            .anyMatch(each -> !PythonNames.inside(each.getName()).equals(each.getName()));
    if (renames) {
      code.addAll(inside(function, result, body));
    } else {
      code.addAll(Made.indented(body));
    }

    Set<String> imports = new TreeSet<>(needs.imports());
    helpers.forEach(helper -> imports.addAll(helper.imports()));
    if (!needs.tools().isEmpty()) {
      imports.add("sandbox:tools");
    }
    if (code.stream().anyMatch(line -> line.matches(".*\\bAny\\b.*"))) {
      imports.add("typing:Any");
    }
    List<String> module = new ArrayList<>();
    module.add("\"\"\"" + title() + "\"\"\"");
    module.add("");
    module.add("from __future__ import annotations");
    module.add("");
    module.addAll(importLines(imports));
    module.add("");
    module.add("");
    module.addAll(code);
    return String.join("\n", module).replaceAll("\n{4,}", "\n\n\n") + "\n";
  }

  private String title() {
    String text =
        procedure.getDescription().isEmpty() ? procedure.getName() : procedure.getDescription();
    return sentence(PythonText.docLine(text));
  }

  private static String sentence(String text) {
    return text.matches("(?s).*[.!?…]") ? text : text + ".";
  }

  private static List<String> importLines(Set<String> imports) {
    Set<String> modules = new TreeSet<>();
    Map<String, Set<String>> names = new TreeMap<>();
    for (String each : imports) {
      int colon = each.indexOf(':');
      if (colon < 0) {
        modules.add(each);
      } else {
        names
            .computeIfAbsent(each.substring(0, colon), module -> new TreeSet<>())
            .add(each.substring(colon + 1));
      }
    }
    return Stream.concat(
            modules.stream().map(module -> "import " + module),
            names.entrySet().stream()
                .map(from ->
                    "from " + from.getKey() + " import " + String.join(", ", from.getValue())))
        .toList();
  }

  private List<Catalogue.Helper> helpers(Set<String> names) {
    Set<Catalogue.Helper> all = new LinkedHashSet<>();
    names.forEach(name -> addHelper(all, name));
    return List.copyOf(all);
  }

  private void addHelper(Set<Catalogue.Helper> all, String name) {
    Catalogue.Helper helper = catalogue.helper(name);
    helper.uses().forEach(used -> addHelper(all, used));
    all.add(helper);
  }

  private List<String> signature(String function, ValueType result) {
    List<String> parameters =
        Stream.concat(
                procedure.getParametersList().stream().filter(Parameter::getRequired),
                procedure.getParametersList().stream().filter(each -> !each.getRequired()))
            .map(ModuleWriter::parameter)
            .toList();
    String line =
        "def "
            + function
            + "("
            + String.join(", ", parameters)
            + ") -> "
            + result.annotation()
            + ":";
    if (line.length() <= 100) {
      return List.of(line);
    }
    List<String> lines = new ArrayList<>(List.of("def " + function + "("));
    parameters.forEach(each -> lines.add("    " + each + ","));
    lines.add(") -> " + result.annotation() + ":");
    return lines;
  }

  /** The steps in a function of their own, where no parameter hides a name that they use. */
  private List<String> inside(String function, ValueType result, List<String> body) {
    List<Parameter> parameters = procedure.getParametersList();
    List<String> lines = new ArrayList<>();
    lines.add(
        "    return _"
            + function
            + parameters.stream()
                .map(Parameter::getName)
                .collect(Collectors.joining(", ", "(", ")")));
    lines.add("");
    lines.add("");
    lines.add(
        "def _"
            + function
            + parameters.stream()
                .map(each -> PythonNames.inside(each.getName()) + ": " + annotation(each))
                .collect(Collectors.joining(", ", "(", ")"))
            + " -> "
            + result.annotation()
            + ":");
    lines.add("    \"\"\"Does the steps.\"\"\"");
    lines.addAll(Made.indented(body));
    return lines;
  }

  private static String parameter(Parameter parameter) {
    String type = annotation(parameter);
    if (parameter.getRequired()) {
      return parameter.getName() + ": " + type;
    }
    if (!parameter.hasDefaultValue() || isMutable(parameter)) {
      return parameter.getName()
          + ": "
          + (type.equals("Any") ? type : type + " | None")
          + " = None";
    }
    return parameter.getName()
        + ": "
        + type
        + " = "
        + PythonText.literal(parameter.getDefaultValue());
  }

  private static String annotation(Parameter parameter) {
    return switch (parameter.getType()) {
      case PARAMETER_TYPE_INTEGER -> "int";
      default -> ValueType.of(parameter.getType()).annotation();
    };
  }

  /** A default that a function must not share between its calls. */
  private static boolean isMutable(Parameter parameter) {
    return parameter.getDefaultValue().hasListValue()
        || parameter.getDefaultValue().hasStructValue();
  }

  private List<String> defaults() {
    List<String> lines = new ArrayList<>();
    for (Parameter parameter : procedure.getParametersList()) {
      if (parameter.hasDefaultValue() && isMutable(parameter)) {
        lines.add("if " + parameter.getName() + " is None:");
        lines.add(
            "    " + parameter.getName() + " = " + PythonText.literal(parameter.getDefaultValue()));
      }
    }
    return lines;
  }

  private List<String> documentation() {
    List<String> lines = new ArrayList<>();
    lines.add("\"\"\"" + title());
    if (procedure.getParametersCount() > 0) {
      lines.add("");
      lines.add("Args:");
      procedure
          .getParametersList()
          .forEach(parameter ->
              lines.add(
                  "    "
                      + parameter.getName()
                      + ": "
                      + (parameter.getDescription().isEmpty()
                          ? "Given by the caller."
                          : sentence(PythonText.docLine(parameter.getDescription())))));
    }
    if (procedure.getPostconditionsCount() > 0) {
      lines.add("");
      lines.add("Afterwards:");
      procedure
          .getPostconditionsList()
          .forEach(condition -> lines.add("    " + sentence(PythonText.docLine(condition))));
    }
    lines.add("");
    lines.add("Returns:");
    lines.add("    What the last step makes.");
    lines.add("\"\"\"");
    return lines;
  }
}
