package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Value;
import io.athena.procedures.generation.Wordings.Wording;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Steps in ordinary words that the catalogue was not written from ({@code
 * src/test/resources/wordings}): code that claims to do a step does it, or the step is reported as
 * missing. The figures are printed.
 */
final class WordingsTest {
  private static final Map<String, Value> TOOLS =
      Map.of("fetch_page", Json.value(Map.of("tool", "fetch_page")));

  private static Sandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = new Sandbox();
  }

  @AfterAll
  static void stop() throws IOException {
    sandbox.close();
  }

  @ParameterizedTest
  @CsvSource({
    "tuned, 0.9",
    "held_out, 0.75",
    "distinguishing, 0.9",
    "everyday, 0.6",
    "qualifiers_text, 0.5",
    "qualifiers_lists, 0.5",
    "qualifiers_tables, 0.25",
    "qualifiers_mixed, 0.15",
    "fresh, 0.5",
    "names, 0.5"
  })
  void noStepIsDoneOtherThanAsItSays(String file, double leastRight) {
    RuleGenerator generator = new RuleGenerator(Catalogue.load());
    List<String> wrong = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<Wording> wordings = Wordings.load(file);
    for (Wording wording : wordings) {
      Draft draft = generator.generate(wording.procedure());
      StepReport report =
          draft.steps().stream()
              .filter(step -> !step.getCovered())
              .findFirst()
              .orElse(draft.steps().getLast());
      if (!report.getCovered()) {
        missing.add(wording.step() + ": " + report.getMessage());
        continue;
      }
      Completed completed =
          sandbox.run(
              wording.procedure(),
              draft.code(),
              wording.procedure().getExamples(0).getParameters(),
              Map.of(),
              TOOLS);
      boolean success = completed.getOutcome() == Outcome.OUTCOME_SUCCESS;
      boolean right =
          wording.raises().isEmpty()
              ? success && same(completed.getResult(), wording.expected())
              : completed.getFailure().getExceptionType().contains(wording.raises());
      if (!right) {
        wrong.add(
            "%s: %s gave %s"
                .formatted(
                    wording.step(),
                    report.getMessage(),
                    success
                        ? Json.text(completed.getResult())
                        : completed.getFailure().getMessage()));
      }
    }
    int done = wordings.size() - wrong.size() - missing.size();
    System.out.printf(
        "%-14s %3d of %3d right, %3d missing, %3d wrong%n",
        file, done, wordings.size(), missing.size(), wrong.size());
    missing.forEach(each -> System.out.println("  missing: " + each));
    wrong.forEach(each -> System.out.println("  wrong: " + each));
    assertThat(wrong).isEmpty();
    assertThat((double) done / wordings.size()).isGreaterThanOrEqualTo(leastRight);
  }

  /** Equal, numbers as far as a float of six digits tells. */
  private static boolean same(Value result, @Nullable Value expected) {
    if (expected == null) {
      return false;
    }
    if (result.hasNumberValue() && expected.hasNumberValue()) {
      return Math.abs(result.getNumberValue() - expected.getNumberValue()) < 1e-6;
    }
    return result.equals(expected);
  }
}
