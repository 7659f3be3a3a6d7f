package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.Confidence.Evidence;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ConfidenceTest {
  private static double examples(long passed, long failed) {
    return Confidence.of(new Evidence(passed, failed, 0, 0, 1));
  }

  private static double runs(long succeeded, long failed) {
    return Confidence.of(new Evidence(0, 0, succeeded, failed, 1));
  }

  @Test
  void beforeAnyRunItIsEven() {
    assertThat(Confidence.beforeAnyRun()).isEqualTo(0.5);
    assertThat(Confidence.of(new Evidence(0, 0, 0, 0, 0.25))).isEqualTo(0.125);
  }

  @Test
  void theFiguresOfTheDocumentationAreRight() {
    assertThat(examples(1, 0)).isCloseTo(0.60, within(0.005));
    assertThat(examples(3, 0)).isCloseTo(0.73, within(0.005));
    assertThat(examples(5, 0)).isCloseTo(0.80, within(0.005));
    assertThat(examples(0, 1)).isCloseTo(0.03, within(0.005));
    assertThat(runs(5, 0)).isCloseTo(0.53, within(0.005));
    assertThat(runs(200, 0)).isCloseTo(0.76, within(0.005));
    assertThat(runs(1_000, 0)).isCloseTo(0.86, within(0.005));
    assertThat(runs(0, 1)).isCloseTo(0.32, within(0.005));
  }

  @Test
  void codeThatIsHandedOnBeginsWithWhatItWasWorthAndNeverWithMore() {
    assertThat(begun(0.17, 1)).isCloseTo(0.17, within(1e-9));
    assertThat(begun(0.1, 0.25)).isCloseTo(0.1, within(1e-9));
    assertThat(begun(0.125, 0.25)).isEqualTo(0.125);
    assertThat(begun(0.99, 1)).isEqualTo(0.5);
    assertThat(begun(0.99, 0.25)).isEqualTo(0.125);
    assertThat(begun(0, 1)).isCloseTo(0, within(1e-9));
    assertThat(begun(0, 0)).isZero();
  }

  private static double begun(double confidence, double coverage) {
    double odds = Confidence.priorOdds(confidence, coverage);
    return Confidence.of(new Evidence(0, 0, 0, 0, coverage, odds));
  }

  @Test
  void enoughRunsLiftItAboveWhatIsTheMostWithoutAny() {
    assertThat(runs(200, 0)).isGreaterThan(0.69);
    assertThat(runs(10_000, 0)).isGreaterThan(0.9);
  }

  /** By the chain of predictions instead of the Beta function: each trial after those before it. */
  @Property(tries = 200)
  void agreesWithBayesTheoremTrialByTrial(
      @ForAll @LongRange(max = 30) long passed,
      @ForAll @LongRange(max = 30) long failed,
      @ForAll @LongRange(max = 300) long succeeded,
      @ForAll @LongRange(max = 30) long ended) {
    double oddsOfRight = 1;
    for (int i = 0; i < passed; i++) {
      oddsOfRight *= (99.0 + i) / (100 + i) / ((2.6 + i) / (4 + i));
    }
    for (int i = 0; i < failed; i++) {
      oddsOfRight *= (1.0 + i) / (100 + passed + i) / ((1.4 + i) / (4 + passed + i));
    }
    for (int i = 0; i < succeeded; i++) {
      oddsOfRight *= (49.0 + i) / (50 + i) / ((31.0 + i) / (32.4 + i));
    }
    for (int i = 0; i < ended; i++) {
      oddsOfRight *= (1.0 + i) / (50 + succeeded + i) / ((1.4 + i) / (32.4 + succeeded + i));
    }

    assertThat(Confidence.of(new Evidence(passed, failed, succeeded, ended, 1)))
        .isCloseTo(oddsOfRight / (1 + oddsOfRight), within(1e-9));
  }

  @Property(tries = 200)
  void growsWithSuccessAndFallsWithFailure(
      @ForAll @LongRange(max = 1_000) long passed,
      @ForAll @LongRange(max = 1_000) long succeeded,
      @ForAll @LongRange(max = 10) long failed) {
    double confidence = Confidence.of(new Evidence(passed, 0, succeeded, failed, 1));

    assertThat(confidence).isBetween(0.0, 1.0);
    assertThat(Confidence.of(new Evidence(passed + 1, 0, succeeded, failed, 1)))
        .isGreaterThanOrEqualTo(confidence);
    assertThat(Confidence.of(new Evidence(passed, 0, succeeded + 1, failed, 1)))
        .isGreaterThanOrEqualTo(confidence);
    assertThat(Confidence.of(new Evidence(passed, 0, succeeded, failed + 1, 1)))
        .isLessThanOrEqualTo(confidence);
    assertThat(Confidence.of(new Evidence(passed, 1, succeeded, failed, 1))).isLessThan(confidence);
  }

  @Test
  void anyCountsGiveAProbability() {
    for (long count : new long[] {0, 1, 1_000_000, 1_000_000_000_000L}) {
      assertThat(runs(count, count)).isBetween(0.0, 1.0);
      assertThat(runs(count, 0)).isBetween(0.5, 1.0);
      assertThat(runs(0, count)).isBetween(0.0, 0.5);
      assertThat(examples(count, 0)).isBetween(0.5, 1.0);
      assertThat(examples(0, count)).isBetween(0.0, 0.5);
    }
  }
}
