package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.Confidence.Evidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.Procedure;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1.5, Double.NaN})
  void oddsThatTheFormulaDoesNotKnowAreNotStored(double odds) {
    Procedure procedure =
        TestProcedures.remember(TestProcedures.on(database), "", "with odds " + odds);

    assertThatThrownBy(() ->
            database
                .jdbi()
                .useHandle(handle ->
                    handle.execute(
                        """
                        insert into version_stats (procedure_id, version, confidence, prior_odds)
                        values (?, 1, 0.5, ?)
                        """,
                        procedure.getProcedureId(),
                        odds)))
        .hasMessageContaining("version_stats_prior_odds");
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
