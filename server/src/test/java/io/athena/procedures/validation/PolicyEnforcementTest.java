package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.GetProcedureVersionResponse;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What policies do when code is saved and run. */
final class PolicyEnforcementTest extends PolicyTests {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  @Override
  TestDatabase database() {
    return database;
  }

  @Test
  void whatIsFoundIsStoredWithTheVersion() {
    SaveProcedureCodeResponse saved = save(FORBIDDEN, false);

    assertThat(saved.getCreated()).isTrue();
    assertThat(saved.getValidation().getIssues(0).getRuleId()).isEqualTo("forbidden-module");
    assertThat(version("v1").getValidation()).isEqualTo(saved.getValidation());
    requireRunnable("");
  }

  @Test
  void codeThatDoesNotParseIsOnlySavedAsADraft() {
    assertThatThrownBy(() -> save(BROKEN, false))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo("CODE_DOES_NOT_PARSE");
              assertThat(refusal.violations()).hasSize(1);
              assertThat(refusal.violations().get(0).subject()).isEqualTo("line 1");
            });
    assertThatThrownBy(() -> version("v1")).hasMessageContaining("has no code yet");

    assertThat(save(BROKEN, true).getVersion().getDraft()).isTrue();
    assertThat(version("v1").getVersion().getDraft()).isTrue();
  }

  @Test
  void aDraftIsSavedForGoodOnceItIsSound() {
    set("{\"on_save\": \"enforce\", \"on_execute\": \"enforce\"}");
    assertThat(save(FORBIDDEN, true).getVersion().getDraft()).isTrue();
    assertRefusedToRun("v1");
    set("{\"on_save\": \"warn\"}");

    SaveProcedureCodeResponse again = save(FORBIDDEN, false);

    assertThat(again.getCreated()).isFalse();
    assertThat(again.getVersion().getDraft()).isFalse();
    assertThat(version("v1").getVersion().getDraft()).isFalse();
    requireRunnable("v1");
  }

  @Test
  void anEnforcedPolicyRefusesErrorsAndNamesThem() {
    set("{\"on_save\": \"enforce\"}");

    assertThatThrownBy(() -> save(FORBIDDEN, false))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo("POLICY_VIOLATED");
              assertThat(refusal.violations().get(0).type()).isEqualTo("forbidden-module");
            })
        .hasMessageContaining("line 1: module ctypes is forbidden");
    assertThat(
            save("import ctypes  # athena: allow forbidden-module -- a test\n", false).getCreated())
        .isTrue();
    assertThat(save(HARMLESS, false).getCreated()).isTrue();
  }

  @Test
  void aPolicyThatIsOffStoresNothingAndStillWantsCodeThatParses() {
    set("{\"on_save\": \"off\"}");

    assertThat(save(FORBIDDEN, false).hasValidation()).isFalse();
    assertThat(version("v1").hasValidation()).isFalse();
    assertThatThrownBy(() -> save(BROKEN, false)).isInstanceOf(FailedPreconditionException.class);
  }

  @Test
  void aRunIsJudgedByThePolicyThatHoldsWhenItBegins() {
    save(FORBIDDEN, false);
    save(HARMLESS, false);
    requireRunnable("v1");

    set("{\"on_execute\": \"enforce\"}");
    assertRefusedToRun("v1");
    requireRunnable("v2");
    set("{\"on_execute\": \"enforce\", \"modules\": {\"forbidden\": {\"ctypes\": null}}}");
    requireRunnable("v1");
    set("{\"on_execute\": \"enforce\"}");
    assertRefusedToRun("v1");
    removePolicy();
    requireRunnable("v1");
  }

  @Test
  void whatARollbackBringsBackIsJudgedAsAnyOtherVersion() {
    save(FORBIDDEN, false);
    save(HARMLESS, false);
    set("{\"on_execute\": \"enforce\"}");

    rollBack("v1");

    assertRefusedToRun("v3");
    assertThat(version("v3").getValidation()).isEqualTo(version("v1").getValidation());
  }

  @Test
  void aRollbackToWhatThePolicyWouldNotLetBeSavedNowIsRefusedAsSavingIs() {
    save(FORBIDDEN, false);
    save(HARMLESS, false);
    save("result = 2\n", false);
    set("{\"on_save\": \"enforce\"}");

    assertThatThrownBy(() -> rollBack("v1"))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo("POLICY_VIOLATED");
              assertThat(refusal.violations().get(0).type()).isEqualTo("forbidden-module");
            });
    assertThat(version("").getVersion().getVersion()).isEqualTo(3);
    assertThat(rollBack("v2").getRolledBackTo()).isEqualTo(2);
  }

  @Test
  void aRunThatWasJudgedBeforeNeedsNoParser() {
    save(FORBIDDEN, false);
    save(HARMLESS, false);
    save("result = 2\n", false);
    set("{\"on_execute\": \"enforce\"}");
    assertRefusedToRun("v1");
    requireRunnable("v2");
    ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();
    RunPolicy blind = runPolicy(nowhere);
    try {
      blind.require(codes.resolve(id, "v2"));
      assertThatThrownBy(() -> blind.require(codes.resolve(id, "v1")))
          .hasMessageContaining("line 1: module ctypes is forbidden");
      assertThatThrownBy(() -> blind.require(codes.resolve(id, "v3")))
          .isInstanceOf(UnavailableException.class);
    } finally {
      nowhere.shutdownNow();
    }
  }

  @Test
  void aChangedDefinitionIsAnotherToBeFitFor() {
    set("{\"on_execute\": \"enforce\"}");
    save("def it(name: str) -> str:\n    return name\n", false);
    assertThatThrownBy(() -> runs.require(codes.resolve(id, "")))
        .hasMessageContaining("[undefined-parameter]");

    procedures.update(
        UpdateProcedureRequest.newBuilder()
            .setProcedure(
                Procedure.newBuilder()
                    .setProcedureId(id)
                    .addParameters(
                        Parameter.newBuilder()
                            .setName("name")
                            .setType(ParameterType.PARAMETER_TYPE_STRING)
                            .setRequired(true)))
            .setUpdateMask(FieldMask.newBuilder().addPaths("parameters"))
            .build());

    requireRunnable("");
  }

  @Test
  void withoutAParserOnlyDraftsAreSaved() {
    ManagedChannel nowhere = InProcessChannelBuilder.forName("nowhere").build();
    CodeVersions blind =
        versions(new Validation(List.of(nowhere), policies, procedures::get, clock));
    try {
      assertThatThrownBy(() -> blind.save(request(HARMLESS, false)))
          .isInstanceOf(UnavailableException.class);
      assertThat(blind.save(request(HARMLESS, true)).hasValidation()).isFalse();
    } finally {
      nowhere.shutdownNow();
    }
  }

  @Test
  void whereThereIsNoSandboxItIsSaidThatADraftCanBeSaved() throws IOException {
    try (RealWorker none = RealWorker.withRuntime("no-such-runtime")) {
      CodeVersions blind =
          versions(new Validation(List.of(none.channel()), policies, procedures::get, clock));

      assertThatThrownBy(() -> blind.save(request(HARMLESS, false)))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("ISOLATION_UNAVAILABLE"))
          .hasMessageContaining("no-such-runtime")
          .hasMessageContaining("it can be saved as a draft");
      assertThat(blind.save(request(HARMLESS, true)).getVersion().getDraft()).isTrue();
    }
    assertThat(save(HARMLESS, false).getVersion().getDraft()).isFalse();
  }

  @Test
  void aRepeatedRequestIsNotJudgedAgain() {
    SaveProcedureCodeRequest request =
        request(FORBIDDEN, false).toBuilder().setRequestId(project).build();
    SaveProcedureCodeResponse first = versions.save(request);
    set("{\"on_save\": \"enforce\"}");

    assertThat(versions.save(request)).isEqualTo(first);
  }

  private void requireRunnable(String version) {
    runs.require(codes.resolve(id, version));
  }

  private void assertRefusedToRun(String version) {
    assertThatThrownBy(() -> runs.require(codes.resolve(id, version)))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo("POLICY_VIOLATED");
              assertThat(refusal.violations())
                  .containsExactly(
                      new FailedPreconditionException.Violation(
                          "forbidden-module",
                          "line 1",
                          "module ctypes is forbidden: it reads and writes memory below Python"));
            })
        .hasMessageContaining("version %s of procedure %d must not run".formatted(version, id));
  }

  private CodeVersion rollBack(String version) {
    return versions
        .rollback(
            RollbackProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setTargetVersion(version)
                .build())
        .getVersion();
  }

  private GetProcedureVersionResponse version(String name) {
    CodeVersion version =
        versions.get(
            GetProcedureVersionRequest.newBuilder().setProcedureId(id).setVersion(name).build());
    GetProcedureVersionResponse.Builder response =
        GetProcedureVersionResponse.newBuilder().setVersion(version);
    versions.findings(version).ifPresent(response::setValidation);
    return response.build();
  }
}
