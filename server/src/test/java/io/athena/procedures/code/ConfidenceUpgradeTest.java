package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.Confidence.Evidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The migration that computes stored confidences anew agrees with the formula. */
class ConfidenceUpgradeTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions versions = TestCodeVersions.on(database);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, 0, 1",
    "3, 0, 0, 0, 0, 0.5",
    "0, 1, 0, 0, 0, 1",
    "9, 2, 40, 7, 3, 0.75",
    "0, 0, 100000, 250, 0, 1",
    "0, 50, 0, 500, 0, 1",
  })
  void whatIsStoredIsWhatTheFormulaGives(
      long passed, long failed, long succeeded, long ended, long noFault, double coverage)
      throws Exception {
    long id =
        procedures
            .remember(
                RememberProcedureRequest.newBuilder()
                    .setProcedure(
                        Procedure.newBuilder()
                            .setName("p_%d_%d_%d_%d".formatted(passed, failed, succeeded, ended)))
                    .build())
            .getProcedureId();
    versions.save(
        SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode("x = 1\n").build());
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute(
              """
              update version_stats
              set example_success_count = ?, example_failure_count = ?, success_count = ?,
                  failure_count = ?, no_fault_count = ?, step_coverage = ?, confidence = 0
              where procedure_id = ?
              """,
              passed,
              failed,
              succeeded,
              ended,
              noFault,
              coverage,
              id);
          handle.execute(migration());
        });

    assertThat(
            versions
                .get(GetProcedureVersionRequest.newBuilder().setProcedureId(id).build())
                .getConfidence())
        .isCloseTo(
            Confidence.of(new Evidence(passed, failed, succeeded, ended - noFault, coverage)),
            within(1e-9));
  }

  private static String migration() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            ConfidenceUpgradeTest.class.getResourceAsStream(
                "/db/migration/V12__confidence_of_runs.sql"))) {
      String script = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return script.substring(script.indexOf("update version_stats"));
    }
  }
}
