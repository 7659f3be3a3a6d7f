package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Value;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.TestCodeVersions;
import io.athena.procedures.code.TestConfidence;
import io.athena.procedures.code.VersionTags;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Execution;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.GetProcedureStatsResponse.VersionStats;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which version runs, and what its runs amount to when its code comes back. */
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

  private CodeVersion save(long id, String code) {
    return codeVersions
        .save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build())
        .getVersion();
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
