package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.generation.Library.Entry;
import io.athena.procedures.v1.Checks;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How far the rules get with 101 procedures in plain words ({@code src/test/resources/library}),
 * run in real containers. The figures are printed by category.
 */
final class LibraryTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  /** What was measured, by category: a rise is written down here, and a fall is a fault. */
  private static final String MEASURED =
      """
      text          31 of  32 steps matched,   9 of  10 procedures pass all of their examples
      numbers       27 of  27 steps matched,  10 of  10 procedures pass all of their examples
      lists         19 of  19 steps matched,  10 of  10 procedures pass all of their examples
      tables        24 of  24 steps matched,  11 of  11 procedures pass all of their examples
      json          18 of  18 steps matched,  10 of  10 procedures pass all of their examples
      dates         16 of  16 steps matched,  10 of  10 procedures pass all of their examples
      files         27 of  27 steps matched,  10 of  10 procedures pass all of their examples
      web           16 of  16 steps matched,  10 of  10 procedures pass all of their examples
      reports       24 of  26 steps matched,   9 of  10 procedures pass all of their examples
      operations    26 of  27 steps matched,   9 of  10 procedures pass all of their examples
      all          228 of 232 steps matched,  98 of 101 procedures pass all of their examples
      """;

  private static Sandbox sandbox;
  private static Validation validation;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
    validation =
        new Validation(
            List.of(sandbox.channel()),
            new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "tester"),
            id -> Procedure.getDefaultInstance(),
            Clock.systemUTC());
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  private static final class Figures {
    private int procedures;
    private int passing;
    private int steps;
    private int matched;

    void add(Figures other) {
      procedures += other.procedures;
      passing += other.passing;
      steps += other.steps;
      matched += other.matched;
    }

    @Override
    public String toString() {
      return "%3d of %3d steps matched, %3d of %3d procedures pass all of their examples"
          .formatted(matched, steps, passing, procedures);
    }
  }

  @Test
  void asManyStepsAreMatchedAndAsManyProceduresPassAsWasMeasured() {
    RuleGenerator generator = new RuleGenerator(Catalogue.load());
    Map<String, Figures> categories = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (Entry entry : Library.load()) {
      Draft draft = generator.generate(entry.procedure());
      assertThat(check(draft.code())).as(draft.code()).isTrue();
      Figures figures = categories.computeIfAbsent(entry.category(), category -> new Figures());
      figures.procedures++;
      figures.steps += draft.steps().size();
      figures.matched += (int) draft.steps().stream().filter(StepReport::getCovered).count();
      draft.steps().stream()
          .filter(step -> !step.getCovered())
          .forEach(step -> {
            missing.add(entry.procedure().getName() + ": " + step.getMessage());
            // Never a silent success: the code itself says what is missing.
            assertThat(draft.code())
                .contains("step " + (step.getStepIndex() + 1) + " is not implemented");
          });
      figures.passing += passes(entry, draft, missing) ? 1 : 0;
    }
    Figures all = new Figures();
    categories.values().forEach(all::add);
    categories.put("all", all);
    StringBuilder table = new StringBuilder();
    categories.forEach(
        (category, figures) -> table.append("%-12s %s\n".formatted(category, figures)));
    System.out.print(table);
    missing.forEach(System.out::println);
    assertThat(table.toString()).as(String.join("\n", missing)).isEqualTo(MEASURED);
  }

  /** What is made passes our own validation, whatever it does. */
  private static boolean check(String code) {
    Checks checks =
        validation
            .validate(ValidateProcedureCodeRequest.newBuilder().setCode(code).build())
            .getChecks();
    return checks.getSyntax() && checks.getSecurity() && checks.getDocstring();
  }

  private static boolean passes(Entry entry, Draft draft, List<String> missing) {
    for (int i = 0; i < entry.procedure().getExamplesCount(); i++) {
      Completed completed =
          sandbox.run(
              entry.procedure(),
              draft.code(),
              entry.procedure().getExamples(i).getParameters(),
              entry.files(),
              entry.tools());
      boolean success = completed.getOutcome() == Outcome.OUTCOME_SUCCESS;
      if (!success || !entry.expectations().get(i).test(completed.getResult())) {
        missing.add(
            "%s: example %d gave %s"
                .formatted(
                    entry.procedure().getName(),
                    i + 1,
                    success
                        ? Json.text(completed.getResult())
                        : completed.getFailure().getMessage()));
        return false;
      }
    }
    return true;
  }
}
