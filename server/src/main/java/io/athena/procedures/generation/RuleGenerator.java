package io.athena.procedures.generation;

import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes code of a procedure by rules: each step by the catalogue of what steps can ask for, values
 * flowing from one to the next. A step that no rule covers raises NotImplementedError with its
 * words. Thread-safe.
 */
final class RuleGenerator {
  /** Characters of a step that the code repeats. */
  private static final int MOST_SHOWN = 200;

  private static final String RETURN = "return ";

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

    /** What was made of each step. */
    private final List<Optional<Made>> made = new ArrayList<>();

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
      this.scope = Scope.of(taken, Seen.in(procedure));
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
      Made end = last;
      boolean goesOn = end == null || end.ending() != Made.Ending.ALWAYS;
      Variable value = goesOn ? scope.latest() : null;
      if (goesOn && value == null) {
        refuseReturnWithoutAlternative();
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
      if (goesOn) {
        body.add(value == null ? "return None" : "return " + value.name());
        boolean sure = reports.stream().allMatch(StepReport::getCovered) && noneReturns();
        result = value == null ? ValueType.NOTHING : value.type();
        if (!sure) {
          result = ValueType.ANY;
        }
      }
      Needs needs = new Needs();
      made.forEach(each -> each.ifPresent(step -> needs.addAll(step.needs())));
      return new Draft(
          new ModuleWriter(catalogue, procedure).write(function, result, body, needs),
          List.copyOf(reports),
          Set.copyOf(needs.tools()));
    }

    /**
     * Where nothing else has a result, a step that returns one if a condition holds is not done.
     */
    private void refuseReturnWithoutAlternative() {
      for (int i = steps.size() - 1; i >= 0 && made.get(i).isPresent(); i--) {
        if (made.get(i).get().ending() == Made.Ending.SOMETIMES) {
          refuse(i, Branches.NO_RESULT);
          return;
        }
      }
    }

    private void refuse(int index, String why) {
      bodies.set(index, List.of(refusal(index, steps.get(index))));
      made.set(index, Optional.empty());
      reports.set(
          index,
          StepReport.newBuilder().setStepIndex(index).setCovered(false).setMessage(why).build());
    }

    private boolean noneReturns() {
      return bodies.stream()
          .flatMap(List::stream)
          .noneMatch(line -> line.strip().startsWith("return "));
    }

    private void add(int index, Step step) {
      bodies.add(List.of());
      reports.add(StepReport.getDefaultInstance());
      Needs problems = new Needs();
      Made now = compiled(index, step, problems);
      made.add(Optional.ofNullable(now));
      if (now == null) {
        refuse(index, why(step, problems));
        last = null;
        return;
      }
      Made previous = last;
      if (previous != null && now.isAgain(previous)) {
        bodies.set(index - 1, List.of());
      }
      scope = now.scope();
      bodies.set(
          index,
          index < steps.size() - 1 && now.ending() == Made.Ending.ALWAYS ? kept(now) : now.lines());
      last = now;
      String tools =
          now.needs().tools().isEmpty()
              ? ""
              : "; calls the caller's tool " + String.join(", ", now.needs().tools());
      String assumption = now.assumption().isEmpty() ? "" : "; " + now.assumption();
      reports.set(
          index,
          StepReport.newBuilder()
              .setStepIndex(index)
              .setCovered(true)
              .setMessage(now.how() + tools + assumption)
              .build());
    }

    private @Nullable Made compiled(int index, Step step, Needs problems) {
      String unclosed = Templates.unclosed(step.getDescription());
      if (!unclosed.isEmpty()) {
        problems.problem(unclosed);
        return null;
      }
      if (!step.getAction().isEmpty()) {
        return calls.call(step, scope, problems);
      }
      String next = index + 1 < steps.size() ? steps.get(index + 1).getDescription() : "";
      return compiler.compile(step.getDescription(), scope, last, next, problems);
    }

    private String why(Step step, Needs problems) {
      String problem = problems.problem();
      return problem == null
          ? nearest.unread(step.getDescription(), scope, problems.unread())
              + "; "
              + nearest.to(step.getDescription())
          : problem;
    }

    /** A result that is not the last step's is the value that the function goes on with. */
    private List<String> kept(Made made) {
      Set<String> results =
          made.lines().stream()
              .map(String::strip)
              .filter(line -> line.startsWith(RETURN))
              .map(line -> line.substring(RETURN.length()))
              .collect(Collectors.toSet());
      boolean named =
          results.size() == 1
              && scope.newestFirst().stream().anyMatch(value -> results.contains(value.name()));
      String name = scope.freshName("result");
      if (!named) {
        scope.add(new Variable(name, ValueType.ANY, Set.of("result", "answer"), null, false));
      }
      return made.lines().stream()
          .map(line -> line.replaceFirst("^( *)" + RETURN, "$1" + name + " = "))
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
