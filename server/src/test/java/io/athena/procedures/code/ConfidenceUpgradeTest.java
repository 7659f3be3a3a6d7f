package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.Confidence.Evidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is known of versions that programs before this one have stored, after the upgrade. */
class ConfidenceUpgradeTest {
  /** The migration before confidences were computed anew, and what made a version was kept. */
  private static final int BEFORE = 11;

  private final TestDatabase database = TestDatabase.createAt(BEFORE);

  @AfterEach
  void close() {
    database.close();
  }

  /**
   * What was stored of a version; {@code ended} are failures, {@code noFault} is a part of them.
   */
  private record Stored(
      long passed, long failed, long succeeded, long ended, long noFault, double coverage) {
    Evidence evidence() {
      return new Evidence(passed, failed, succeeded, ended - noFault, coverage);
    }
  }

  @Test
  void confidencesAreWhatTheFormulaGives() {
    List<Stored> stored =
        List.of(
            new Stored(0, 0, 0, 0, 0, 1),
            new Stored(3, 0, 0, 0, 0, 0.5),
            new Stored(0, 1, 0, 0, 0, 1),
            new Stored(9, 2, 40, 7, 3, 0.75),
            new Stored(0, 0, 100_000, 250, 0, 1),
            new Stored(0, 50, 0, 500, 0, 1));
    long id = procedure(Stream.generate(() -> "").limit(stored.size()).toList());
    database
        .jdbi()
        .useHandle(handle -> {
          for (int i = 0; i < stored.size(); i++) {
            store(handle, id, i + 1, stored.get(i));
          }
        });

    database.bringUpToDate();

    for (int i = 0; i < stored.size(); i++) {
      assertThat(get(id, i + 1).getConfidence())
          .as("%s", stored.get(i))
          .isCloseTo(Confidence.of(stored.get(i).evidence()), within(1e-9));
    }
  }

  @Test
  void whatMadeAVersionIsReadFromItsMessage() {
    long id =
        procedure(
            List.of(
                "Generate from the definition by rules",
                "Generate from the definition by a language model",
                "Generate from the definition by rules, then mend by hand",
                ""));

    database.bringUpToDate();

    assertThat(List.of(get(id, 1), get(id, 2), get(id, 3), get(id, 4)))
        .extracting(CodeVersion::getOrigin)
        .extracting(CodeOrigin::getGenerator)
        .containsExactly("rules", "llm", "", "");
    assertThat(get(id, 1).getOrigin().getDefinitionId()).isEmpty();
    assertThat(get(id, 1).getDefinitionChanged()).isFalse();
    // Their odds are even, as if they had been saved now.
    assertThat(get(id, 1).getConfidence()).isCloseTo(Confidence.beforeAnyRun(), within(1e-9));
  }

  /** A procedure with a version for each message, whose stored confidence is wrong. */
  private long procedure(List<String> messages) {
    return database
        .jdbi()
        .inTransaction(handle -> {
          long id =
              handle
                  .createQuery(
                      """
                      insert into procedure (project, name, category, description, definition,
                                             steps_text, created_by, create_time, update_time,
                                             current_version)
                      values ('default', 'old', '', '', '{}', '', 'eve', now(), now(), ?)
                      returning procedure_id
                      """)
                  .bind(0, messages.size())
                  .mapTo(Long.class)
                  .one();
          for (int i = 0; i < messages.size(); i++) {
            NewVersion saved = NewVersion.of("x = " + i + "\n", "", "");
            handle.execute(
                """
                insert into code_version (procedure_id, version, code, sha256, size_bytes, author,
                                          message, create_time)
                values (?, ?, ?, ?, ?, 'eve', ?, now())
                """,
                id,
                i + 1,
                "x = " + i + "\n",
                saved.sha256(),
                saved.code().length,
                messages.get(i));
            handle.execute(
                "insert into version_stats (procedure_id, version, confidence) values (?, ?, 0.25)",
                id,
                i + 1);
          }
          return id;
        });
  }

  private static void store(Handle handle, long id, int version, Stored stored) {
    handle.execute(
        """
        update version_stats
        set example_success_count = ?, example_failure_count = ?, success_count = ?,
            failure_count = ?, no_fault_count = ?, step_coverage = ?
        where procedure_id = ? and version = ?
        """,
        stored.passed(),
        stored.failed(),
        stored.succeeded(),
        stored.ended(),
        stored.noFault(),
        stored.coverage(),
        id,
        version);
  }

  private CodeVersion get(long id, int version) {
    return TestCodeVersions.on(database)
        .get(
            GetProcedureVersionRequest.newBuilder()
                .setProcedureId(id)
                .setVersion("v" + version)
                .build());
  }
}
