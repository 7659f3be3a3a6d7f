package io.athena.procedures.validation;

import io.athena.procedures.validation.Facts.Function;
import io.athena.procedures.validation.Facts.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Type hints of functions.
 *
 * @param given parameters and returns with one
 * @param possible parameters and returns that could have one: not self, not cls
 */
record Hints(int given, int possible) {

  /** Of all functions together. */
  static Hints of(Facts facts) {
    int given = 0;
    int possible = 0;
    for (Function function : facts.functions()) {
      Hints hints = of(function);
      given += hints.given;
      possible += hints.possible;
    }
    return new Hints(given, possible);
  }

  static Hints of(Function function) {
    List<Parameter> parameters = parameters(function);
    long annotated = parameters.stream().filter(each -> !each.annotation().isEmpty()).count();
    // What __init__ returns is known.
    boolean returns = !function.name().endsWith("__init__");
    int given = (int) annotated + (returns && !function.returns().isEmpty() ? 1 : 0);
    return new Hints(given, parameters.size() + (returns ? 1 : 0));
  }

  /** What of a function has none, for people. */
  static String missing(Function function) {
    List<String> missing = new ArrayList<>();
    for (Parameter each : parameters(function)) {
      if (each.annotation().isEmpty()) {
        missing.add(each.name());
      }
    }
    if (function.returns().isEmpty()) {
      missing.add("what it returns");
    }
    return String.join(", ", missing);
  }

  /** 0.0 to 1.0; 1.0 if there is nothing to annotate. */
  double share() {
    return possible == 0 ? 1 : (double) given / possible;
  }

  private static List<Parameter> parameters(Function function) {
    List<Parameter> parameters = function.parameters();
    boolean bound =
        !function.top()
            && !parameters.isEmpty()
            && (parameters.get(0).name().equals("self") || parameters.get(0).name().equals("cls"));
    return bound ? parameters.subList(1, parameters.size()) : parameters;
  }
}
