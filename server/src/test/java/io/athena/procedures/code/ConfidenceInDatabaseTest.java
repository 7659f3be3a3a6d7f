package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.Confidence.Evidence;
import io.athena.procedures.db.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database's function of confidence is the service's. */
class ConfidenceInDatabaseTest {
  private static final long[] MOST = {1, 10, 1_000, 1_000_000};

  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  @Test
  void givesWhatTheFormulaGives() {
    SplittableRandom random = new SplittableRandom(7);
    List<Evidence> known = new ArrayList<>();
    for (long most : MOST) {
      for (int i = 0; i < 250; i++) {
        known.add(
            new Evidence(
                random.nextLong(most + 1),
                random.nextLong(most + 1),
                random.nextLong(most + 1),
                random.nextLong(most + 1),
                random.nextDouble(),
                1 - random.nextDouble()));
      }
    }
    known.add(new Evidence(0, 0, 0, 0, 0));
    known.add(new Evidence(0, 1_000_000_000, 1_000_000_000, 0, 1));
    known.add(new Evidence(1_000_000_000, 0, 0, 1_000_000_000, 1));

    for (Evidence evidence : known) {
      assertThat(inDatabase(evidence))
          .as("%s", evidence)
          .isCloseTo(Confidence.of(evidence), within(1e-6));
    }
  }

  private static double inDatabase(Evidence evidence) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .select(
                    "select confidence_in_version(?, ?, ?, ?, ?, ?)",
                    evidence.examplesPassed(),
                    evidence.examplesFailed(),
                    evidence.runsSucceeded(),
                    evidence.runsFailed(),
                    evidence.stepCoverage(),
                    evidence.priorOdds())
                .mapTo(double.class)
                .one());
  }
}
