package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.CalibrationSet.Function;
import io.athena.procedures.code.CalibrationSet.Outcome;
import io.athena.procedures.code.Confidence.Evidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.apache.commons.numbers.gamma.LogBeta;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whether confidence is the probability that it says it is. The set's functions run in the sandbox;
 * five tests of each are evidence at most, and the others, withheld, tell whether it is right.
 * Which are which is drawn anew many times. Half of the set is what the formula is fitted to, and
 * what it is judged by is the other half.
 */
final class CalibrationTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final int DRAWS = 50;
  private static final int WITHHELD_FROM = 5;
  private static final long SEED = 20_260_101;

  private static final Map<Function, List<Outcome>> outcomes = new LinkedHashMap<>();
  private static final Map<Function, Double> quality = new LinkedHashMap<>();

  @BeforeAll
  static void run() throws Exception {
    try (RealWorker worker = new RealWorker()) {
      Validation validation =
          new Validation(
              List.of(worker.channel()),
              new ProjectPolicies(database.jdbi(), Clock.systemUTC(), () -> "tester"),
              id -> Procedure.getDefaultInstance(),
              Clock.systemUTC());
      for (Function function : CalibrationSet.load()) {
        outcomes.put(function, CalibrationSet.run(worker, function));
        quality.put(
            function,
            validation
                .validate(
                    ValidateProcedureCodeRequest.newBuilder().setCode(function.code()).build())
                .getQualityScore());
      }
    }
  }

  /** What is known of a function when it is judged. */
  private enum Known {
    NOTHING("0 examples"),
    ONE_EXAMPLE("1 example"),
    THREE_EXAMPLES("3 examples"),
    FIVE_RUNS("5 runs");

    private final String title;

    Known(String title) {
      this.title = title;
    }

    Evidence of(List<Outcome> outcomes) {
      return switch (this) {
        case NOTHING -> new Evidence(0, 0, 0, 0, 1);
        case ONE_EXAMPLE -> examples(outcomes.subList(0, 1));
        case THREE_EXAMPLES -> examples(outcomes.subList(0, 3));
        case FIVE_RUNS -> {
          long ended = outcomes.subList(0, 5).stream().filter(Outcome::ended).count();
          yield new Evidence(0, 0, ended, 5 - ended, 1);
        }
      };
    }

    private static Evidence examples(List<Outcome> outcomes) {
      long right = outcomes.stream().filter(Outcome::right).count();
      return new Evidence(right, outcomes.size() - right, 0, 0, 1);
    }
  }

  @Test
  void theSetIsHalfRightAndHalfSubtlyWrong() {
    assertThat(outcomes).hasSizeGreaterThanOrEqualTo(200);
    outcomes.forEach((function, each) -> {
      if (function.slipped()) {
        assertThat(each).as(function.name()).extracting(Outcome::right).contains(true, false);
      } else {
        assertThat(each).as(function.name()).extracting(Outcome::right).containsOnly(true);
      }
    });
  }

  @Test
  void theConstantsAreFittedToOneHalf() {
    List<List<Outcome>> wrong =
        outcomes.entrySet().stream()
            .filter(entry -> entry.getKey().fitting() && entry.getKey().slipped())
            .map(Map.Entry::getValue)
            .toList();
    double right =
        wrong.stream()
            .mapToDouble(each -> (double) count(each, true) / each.size())
            .average()
            .orElseThrow();
    System.out.printf("wrong code is right on %.3f of inputs%n", right);
    assertThat(
            Confidence.PASSES_IF_WRONG
                / (Confidence.PASSES_IF_WRONG + Confidence.FAILURES_IF_WRONG))
        .isCloseTo(right, within(0.01));
    double likeliest =
        DoubleStream.iterate(1, a -> a <= 200, a -> a + 1)
            .boxed()
            .max((one, other) -> Double.compare(likelihood(wrong, one), likelihood(wrong, other)))
            .orElseThrow();
    System.out.printf("wrong code's runs end well as Beta(%.0f, 1.4)%n", likeliest);
    assertThat(Confidence.ENDS_WELL_IF_WRONG).isEqualTo(likeliest);
  }

  private static int count(List<Outcome> outcomes, boolean right) {
    return (int) outcomes.stream().filter(each -> right ? each.right() : each.ended()).count();
  }

  /** Logarithm, of the ends of runs under Beta(a, 1.4). */
  private static double likelihood(List<List<Outcome>> all, double a) {
    return all.stream()
        .mapToDouble(each -> {
          double ended = count(each, false);
          return LogBeta.value(a + ended, Confidence.FAILURES_IF_WRONG + each.size() - ended)
              - LogBeta.value(a, Confidence.FAILURES_IF_WRONG);
        })
        .sum();
  }

  @Test
  void onTheOtherHalfConfidenceComesTrueAsOftenAsItSays() throws Exception {
    List<Reliability> diagrams = new ArrayList<>();
    for (Known known : Known.values()) {
      Reliability confidence = new Reliability(known.title);
      judge(known, confidence);
      diagrams.add(confidence);
    }
    Reliability style = new Reliability("style score");
    judge(null, style);
    diagrams.add(style);

    diagrams.forEach(each -> each.classes().forEach(System.out::println));
    diagrams.forEach(each ->
        System.out.printf(
            "%-12s calibration error %.3f, Brier score %.3f%n",
            each.title(), each.calibrationError(), each.brier()));
    String file = System.getProperty("athena.calibration.svg", "");
    if (!file.isEmpty()) {
      Files.writeString(Path.of(file), Reliability.svg(diagrams));
    }

    diagrams
        .subList(0, 4)
        .forEach(each -> {
          assertThat(each.calibrationError()).as(each.title()).isLessThanOrEqualTo(0.08);
          assertThat(each.brier()).as(each.title()).isLessThan(style.brier());
        });
    assertThat(diagrams.get(1).brier()).isLessThan(diagrams.get(0).brier());
    assertThat(diagrams.get(2).brier()).isLessThan(diagrams.get(1).brier());
  }

  /** Judges all of the other half; by its style if nothing is said to be known. */
  private static void judge(@Nullable Known known, Reliability result) {
    Random random = new Random(SEED);
    for (int draw = 0; draw < DRAWS; draw++) {
      outcomes.forEach((function, all) -> {
        if (!function.fitting()) {
          List<Outcome> drawn = new ArrayList<>(all);
          Collections.shuffle(drawn, random);
          result.add(
              known == null ? quality.getOrDefault(function, 0.0) : Confidence.of(known.of(drawn)),
              drawn.subList(WITHHELD_FROM, drawn.size()).stream().allMatch(Outcome::right));
        }
      });
    }
  }
}
