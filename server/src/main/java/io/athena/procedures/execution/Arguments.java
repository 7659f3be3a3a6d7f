package io.athena.procedures.execution;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ParameterValues;
import io.athena.procedures.v1.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Binds the arguments of a call to the parameters of a procedure. */
final class Arguments {
  private static final int LARGEST_JSON = 1024 * 1024;
  private static final int NAMED_AT_MOST = 10;
  private static final int LONGEST_NAME = 100;

  private Arguments() {}

  /**
   * The arguments with defaults filled in; notes everything that breaks a rule under {@code
   * parameters.NAME}.
   */
  static Struct bind(List<Parameter> parameters, Struct given, Violations violations) {
    Struct.Builder bound = Struct.newBuilder();
    Set<String> known = new HashSet<>();
    for (Parameter parameter : parameters) {
      String name = parameter.getName();
      known.add(name);
      Value value = given.getFieldsMap().get(name);
      if (value != null) {
        ParameterValues.problem(value, parameter.getType())
            .ifPresentOrElse(
                problem -> violations.check(false, field(name), problem),
                () -> ParameterValues.check(violations, field(name), value, LARGEST_JSON));
        bound.putFields(name, value);
      } else if (parameter.hasDefaultValue()) {
        bound.putFields(name, parameter.getDefaultValue());
      } else {
        violations.check(
            !parameter.getRequired(),
            field(name),
            "is required (" + ParameterValues.describe(parameter.getType()) + ") but not given");
      }
    }
    for (String name : given.getFieldsMap().keySet()) {
      violations.check(known.contains(name), field(name), unknown(parameters));
    }
    // The parts were examined one by one; here only their sum is news.
    if (given.getSerializedSize() > LARGEST_JSON) {
      violations.check(
          false,
          "parameters",
          "are together more than the "
              + LARGEST_JSON
              + " bytes that are allowed; large data belongs into input_files");
    }
    return bound.build();
  }

  private static String field(String name) {
    return "parameters." + (name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME));
  }

  private static String unknown(List<Parameter> parameters) {
    if (parameters.isEmpty()) {
      return "is unknown; the procedure takes no parameters";
    }
    int more = parameters.size() - NAMED_AT_MOST;
    return "is unknown; the procedure takes "
        + parameters.stream()
            .limit(NAMED_AT_MOST)
            .map(Parameter::getName)
            .collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
