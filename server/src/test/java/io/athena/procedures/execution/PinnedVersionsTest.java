package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Value;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.TestCodeVersions;
import io.athena.procedures.code.TestConfidence;
import io.athena.procedures.code.VersionEvidence;
import io.athena.procedures.code.VersionTags;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.GetProcedureStatsResponse.VersionStats;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which version runs, and what is known of it when its code comes back. */
final class PinnedVersionsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);
  private final AnsweredRequests answeredRequests =
      new AnsweredRequests(database.jdbi(), Clock.systemUTC());
  private final CodeVersions codeVersions = TestCodeVersions.on(database);
  private final ScriptedWorker worker = new ScriptedWorker();
  private TestServer server;

  @BeforeEach
  void start() throws InterruptedException {
    worker
        .on(
            "good",
            program -> {
              program.started();
              program.succeed(Value.newBuilder().setNumberValue(1).build());
            })
        .on(
            "bad",
            program -> {
              program.started();
              program.fail(FailureKind.FAILURE_KIND_EXCEPTION, "no");
            });
    server = new TestServer(database.jdbi(), worker.channel(), ExecutionSettings.defaults());
  }

  @AfterEach
  void stop() {
    server.close();
    worker.close();
  }

  @Test
  void aRunIsOfTheVersionThatItsCallerNames() {
    long id = TestProcedures.remember(procedures, "", "pinned").getProcedureId();
    CodeVersion good = save(id, "good");
    CodeVersion bad = save(id, "bad");
    new VersionTags(answeredRequests)
        .tag(
            TagProcedureVersionRequest.newBuilder()
                .setProcedureId(id)
                .setVersion("v1")
                .setTag("stable")
                .build());

    for (String name : List.of("1", "v1", "stable", good.getCommitId(), abbreviated(good))) {
      Execution execution = run(id, name);
      assertThat(execution.getVersion()).isEqualTo(1);
      assertThat(execution.getCommitId()).isEqualTo(good.getCommitId());
    }
    assertThat(run(id, "").getCommitId()).isEqualTo(bad.getCommitId());
    assertThat(run(id, abbreviated(bad)).getVersion()).isEqualTo(2);
  }

  @Test
  void theEvidenceComesBackWithTheCode() {
    long id = TestProcedures.remember(procedures, "", "rolled back").getProcedureId();
    save(id, "good");
    run(id, "");
    run(id, "");
    save(id, "bad");
    run(id, "");
    double before = stats(id).getVersions(1).getConfidence();

    CodeVersion restored =
        codeVersions
            .rollback(
                RollbackProcedureCodeRequest.newBuilder()
                    .setProcedureId(id)
                    .setTargetVersion("v1")
                    .build())
            .getVersion();

    assertThat(restored.getConfidence())
        .isEqualTo(before)
        .isCloseTo(TestConfidence.afterRuns(2), within(1e-9));
    assertThat(procedures.get(id).getConfidence()).isEqualTo(before);
    assertThat(procedures.get(id).getUsageCount()).isEqualTo(3);
    VersionStats current = stats(id).getVersions(0);
    assertThat(current.getVersion()).isEqualTo(3);
    assertThat(current.getRolledBackTo()).isEqualTo(1);
    assertThat(current.getStats().getSuccessCount()).isEqualTo(2);
    assertThat(current.getStats()).isEqualTo(stats(id).getVersions(2).getStats());
    assertThat(stats(id).getTotal().getUsageCount()).isEqualTo(3);

    run(id, "");
    run(id, "v1");

    GetProcedureStatsResponse after = stats(id);
    assertThat(after.getTotal().getUsageCount()).isEqualTo(5);
    assertThat(after.getVersionsList())
        .extracting(version -> version.getStats().getUsageCount())
        .containsExactly(3L, 1L, 3L);
    assertThat(after.getVersions(0).getConfidence())
        .isCloseTo(TestConfidence.afterRuns(3), within(1e-9));
    assertThat(procedures.get(id).getUsageCount()).isEqualTo(5);
    assertThat(procedures.get(id).getSuccessRate()).isEqualTo(0.8);
  }

  @Test
  void whatIsKnownOfGeneratedCodeComesBackWithIt() {
    Procedure procedure = TestProcedures.remember(procedures, "", "generated and rolled back");
    long id = procedure.getProcedureId();
    database
        .jdbi()
        .useTransaction(handle ->
            codeVersions
                .judge(request(id, "good"))
                .save(handle, new VersionEvidence(4, 1, 2, 0.75), "rules", procedure));

    CodeOrigin origin = assertKnownAgain(id).getOrigin();

    assertThat(origin.getGenerator()).isEqualTo("rules");
    assertThat(origin.getStepCoverage()).isEqualTo(0.75);
  }

  @Test
  void whatIsKnownOfImportedCodeComesBackWithIt() {
    long elsewhere = TestProcedures.remember(procedures, "", "elsewhere").getProcedureId();
    save(elsewhere, "good");
    CodeOrigin origin =
        get(elsewhere, "v1").getOrigin().toBuilder()
            .setGenerator("llm")
            .setStepCoverage(0.6)
            .setConfidence(0.2)
            .build();
    long id = TestProcedures.remember(procedures, "", "imported and rolled back").getProcedureId();
    database
        .jdbi()
        .useTransaction(
            handle -> codeVersions.judge(request(id, "good")).saveFor(handle, id, origin));

    CodeVersion restored = assertKnownAgain(id);

    assertThat(restored.getOrigin().getGenerator()).isEqualTo("llm");
    // Below the 0.3 that code has which does so many of the steps, and of which nothing is known.
    assertThat(restored.getConfidence()).isLessThan(0.25);
  }

  /** Rolls back to version 1, which runs well; gives the version with its code again. */
  private CodeVersion assertKnownAgain(long id) {
    run(id, "v1");
    save(id, "bad");
    procedures.update(
        UpdateProcedureRequest.newBuilder()
            .setProcedure(Procedure.newBuilder().setProcedureId(id).setTemplate("changed"))
            .build());
    CodeVersion first = get(id, "v1");
    codeVersions.rollback(
        RollbackProcedureCodeRequest.newBuilder()
            .setProcedureId(id)
            .setTargetVersion("v1")
            .build());

    CodeVersion restored = get(id, "v3");

    assertThat(first.getOrigin().getDefinitionId()).isNotEmpty();
    assertThat(restored.getOrigin()).isEqualTo(first.getOrigin());
    assertThat(restored.getConfidence()).isEqualTo(first.getConfidence());
    assertThat(restored.getDefinitionChanged()).isTrue();
    // A run reckons the confidence anew, from all evidence that there is.
    run(id, "v1");
    run(id, "v3");
    assertThat(get(id, "v3").getConfidence())
        .isEqualTo(get(id, "v1").getConfidence())
        .isGreaterThan(first.getConfidence());
    return restored;
  }

  private CodeVersion get(long id, String version) {
    return codeVersions.get(
        GetProcedureVersionRequest.newBuilder().setProcedureId(id).setVersion(version).build());
  }

  private CodeVersion save(long id, String code) {
    return codeVersions.save(request(id, code)).getVersion();
  }

  private static SaveProcedureCodeRequest request(long id, String code) {
    return SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build();
  }

  private Execution run(long id, String version) {
    List<ExecutionEvent> events =
        server.execute(TestServer.call(id).toBuilder().setVersion(version).build());
    ExecutionEvent.Accepted accepted = events.getFirst().getAccepted();
    Execution execution = server.get(accepted.getExecutionId());
    assertThat(execution.getCommitId()).isEqualTo(accepted.getCommitId());
    return execution;
  }

  private static String abbreviated(CodeVersion version) {
    return version.getCommitId().substring(0, 7);
  }

  private static GetProcedureStatsResponse stats(long id) {
    GetProcedureStatsResponse.Builder response = GetProcedureStatsResponse.newBuilder();
    new ExecutionStatistics(database.jdbi()).addTo(response, id);
    return response.build();
  }
}
