package io.athena.procedures.generation;

import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes code of a procedure by rules: each step by the catalogue of what steps can ask for, values
 * flowing from one to the next. A step that no rule covers raises NotImplementedError with its
 * words. Thread-safe.
 */
final class RuleGenerator {
  /** Characters of a step that the code repeats. */
  private static final int MOST_SHOWN = 200;

  private final Catalogue catalogue;
  private final NearestPatterns nearest;

  RuleGenerator(Catalogue catalogue) {
    this.catalogue = catalogue;
    this.nearest = new NearestPatterns(catalogue);
  }

  /** Makes the code. The procedure has a step or a template. */
  Draft generate(Procedure procedure) {
    if (procedure.getStepsCount() == 0 && CodeTemplate.isCode(procedure.getTemplate())) {
      return CodeTemplate.draft(procedure);
    }
    List<Step> steps =
        procedure.getStepsCount() > 0
            ? procedure.getStepsList()
            : List.of(Step.newBuilder().setDescription("Fill in the template").build());
    return new Writing(procedure, steps).draft();
  }

  /** One procedure being written. */
  private final class Writing {
    private final Procedure procedure;
    private final List<Step> steps;
    private final String function;
    private final StepCompiler compiler;
    private final ActionCalls calls;
    private final List<StepReport> reports = new ArrayList<>();
    private final List<List<String>> bodies = new ArrayList<>();
    private final Needs needs = new Needs();
    private Scope scope;
    private @Nullable Made last;

    Writing(Procedure procedure, List<Step> steps) {
      this.procedure = procedure;
      this.steps = steps;
      this.function = PythonNames.function(procedure.getName());
      this.compiler = new StepCompiler(catalogue, procedure.getTemplate());
      this.calls = new ActionCalls(catalogue);
      Set<String> taken = new HashSet<>(PythonNames.TAKEN);
      taken.add(function);
      Seen seen = Seen.in(procedure);
      this.scope = Scope.of(taken, seen.fields(), seen.texts());
      procedure
          .getParametersList()
          .forEach(parameter ->
              scope.addAs(
                  parameter.getName(),
                  new Variable(
                      PythonNames.inside(parameter.getName()),
                      Seen.type(procedure, parameter),
                      Scope.spoken(parameter.getName()),
                      null,
                      true)));
    }

    Draft draft() {
      for (int i = 0; i < steps.size(); i++) {
        add(i, steps.get(i));
      }
      List<String> body = new ArrayList<>();
      for (int i = 0; i < bodies.size(); i++) {
        body.add(
            "# Step "
                + (i + 1)
                + ": "
                + PythonText.line(TextRules.shortened(steps.get(i).getDescription(), MOST_SHOWN)));
        body.addAll(bodies.get(i));
      }
      ValueType result = ValueType.ANY;
      Made end = last;
      if (end == null || !end.returns() || end.branch()) {
        Variable value = scope.latest();
        body.add(value == null ? "return None" : "return " + value.name());
        boolean sure = reports.stream().allMatch(StepReport::getCovered) && noneReturns();
        result = value == null ? ValueType.NOTHING : value.type();
        if (!sure) {
          result = ValueType.ANY;
        }
      }
      return new Draft(
          new ModuleWriter(catalogue, procedure).write(function, result, body, needs),
          List.copyOf(reports),
          Set.copyOf(needs.tools()));
    }

    private boolean noneReturns() {
      return bodies.stream()
          .flatMap(List::stream)
          .noneMatch(line -> line.strip().startsWith("return "));
    }

    private void add(int index, Step step) {
      Needs problems = new Needs();
      String unclosed = Templates.unclosed(step.getDescription());
      if (!unclosed.isEmpty()) {
        problems.problem(unclosed);
      }
      Made made =
          !unclosed.isEmpty()
              ? null
              : step.getAction().isEmpty()
                  ? compiler.compile(step.getDescription(), scope, last, problems)
                  : calls.call(step, scope, problems);
      StepReport.Builder report = StepReport.newBuilder().setStepIndex(index);
      if (made == null) {
        String why =
            problems.problem() != null
                ? problems.problem()
                : nearest.unread(step.getDescription(), scope, problems.unread())
                    + "; nearest are "
                    + nearest.to(step.getDescription());
        bodies.add(List.of(refusal(index, step)));
        reports.add(report.setCovered(false).setMessage(why).build());
        last = null;
        return;
      }
      Made previous = last;
      if (previous != null && made.isAgain(previous)) {
        bodies.set(bodies.size() - 1, List.of());
      }
      // A result that is not the last step's is the value that the function goes on with.
      bodies.add(
          index < steps.size() - 1 && made.returns() && !made.branch() ? kept(made) : made.lines());
      scope = made.scope();
      needs.addAll(made.needs());
      last = made;
      String tools =
          made.needs().tools().isEmpty()
              ? ""
              : "; calls the caller's tool " + String.join(", ", made.needs().tools());
      String assumption = made.assumption().isEmpty() ? "" : "; " + made.assumption();
      reports.add(report.setCovered(true).setMessage(made.how() + tools + assumption).build());
    }

    private List<String> kept(Made made) {
      return made.lines().stream()
          .map(line -> line.startsWith("return ") ? "result = " + line.substring(7) : line)
          .toList();
    }

    private String refusal(int index, Step step) {
      return "raise NotImplementedError("
          + PythonText.literal(
              "step "
                  + (index + 1)
                  + " is not implemented: "
                  + PythonText.line(TextRules.shortened(step.getDescription(), MOST_SHOWN)))
          + ")";
    }
  }
}
