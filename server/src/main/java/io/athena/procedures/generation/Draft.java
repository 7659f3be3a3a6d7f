package io.athena.procedures.generation;

import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Parameter;
import java.util.List;
import java.util.Set;

/**
 * Code that was made, before anything is known of its worth.
 *
 * @param code a Python module
 * @param steps what became of each step
 * @param tools tools of the caller's that it calls, or, of a model's before it is validated, may
 *     call
 * @param assumptions what a model took for granted; empty for rules
 * @param parameters what a model says its entry point takes; empty for rules
 */
record Draft(
    String code,
    List<StepReport> steps,
    Set<String> tools,
    List<String> assumptions,
    List<Parameter> parameters) {

  /** Made by rules. */
  Draft(String code, List<StepReport> steps, Set<String> tools) {
    this(code, steps, tools, List.of(), List.of());
  }

  /** The same code, of which is known what it calls. */
  Draft withTools(Set<String> called) {
    return new Draft(code, steps, called, assumptions, parameters);
  }

  /** Share of the steps that the code does, 0.0 to 1.0; 1.0 if there are none. */
  double coverage() {
    return steps.isEmpty()
        ? 1.0
        : (double) steps.stream().filter(StepReport::getCovered).count() / steps.size();
  }
}
