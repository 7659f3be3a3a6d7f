package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ConfidenceTest {
  @Test
  void beforeAnyRunIsTheLowerBoundOfIgnorance() {
    assertThat(Confidence.beforeAnyRun()).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void agreesWithTheClosedFormsThatBetaHasForRunsOfOneKind() {
    for (int runs : new int[] {1, 2, 10, 1_000}) {
      assertThat(Confidence.of(runs, 0)).isCloseTo(Math.pow(0.2, 1.0 / (1 + runs)), within(1e-9));
      assertThat(Confidence.of(0, runs))
          .isCloseTo(1 - Math.pow(0.8, 1.0 / (1 + runs)), within(1e-9));
    }
  }

  @Property(tries = 200)
  void growsWithSuccessAndFallsWithFailure(
      @ForAll @LongRange(max = 10_000) long successes,
      @ForAll @LongRange(max = 10_000) long failures) {
    double confidence = Confidence.of(successes, failures);

    assertThat(confidence).isBetween(0.0, 1.0);
    assertThat(Confidence.of(successes + 1, failures)).isGreaterThan(confidence);
    assertThat(Confidence.of(successes, failures + 1)).isLessThan(confidence);
    assertThat(confidence).isLessThan((1.0 + successes) / (2.0 + successes + failures) + 1e-12);
  }
}
