package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.Codes;
import io.athena.procedures.code.RunVerdicts;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.GetValidationPolicyRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A project of its own for each test, with a procedure, and all that judges its code. */
abstract class PolicyTests {
  static final String FORBIDDEN = "import ctypes\n";
  static final String HARMLESS = "result = 1\n";
  static final String BROKEN = "def f(:\n";

  static final Clock clock = Clock.systemUTC();
  static RealWorker worker;
  AnsweredRequests answered;
  Procedures procedures;
  ProjectPolicies policies;
  CodeVersions versions;
  Codes codes;
  RunPolicy runs;

  String project = "";
  long id;

  @BeforeAll
  static void start() {
    worker = new RealWorker();
  }

  @AfterAll
  static void stop() throws IOException {
    worker.close();
  }

  abstract TestDatabase database();

  @BeforeEach
  void remember() {
    answered = new AnsweredRequests(database().jdbi(), clock);
    procedures =
        new Procedures(
            database().jdbi(), clock, answered, (handle, procedure) -> false, CodeVersions::remove);
    policies = new ProjectPolicies(database().jdbi(), clock, () -> "somebody");
    versions =
        versions(new Validation(List.of(worker.channel()), policies, procedures::get, clock));
    codes = new Codes(database().jdbi());
    runs = runPolicy(worker.channel());
    project = "p" + UUID.randomUUID();
    id =
        procedures
            .remember(
                RememberProcedureRequest.newBuilder()
                    .setProcedure(Procedure.newBuilder().setName("it").setProject(project))
                    .build())
            .getProcedureId();
  }

  RunPolicy runPolicy(Channel channel) {
    return new RunPolicy(
        List.of(channel), policies, procedures::get, new RunVerdicts(database().jdbi()));
  }

  void removePolicy() {
    policies.set(SetValidationPolicyRequest.newBuilder().setProject(project).build());
  }

  /** As a server may have stored it that knew fewer rules; the project has a policy already. */
  void store(String document) {
    int stored =
        database()
            .jdbi()
            .withHandle(handle ->
                handle.execute(
                    "update validation_policy set document = cast(? as json) where project = ?",
                    document,
                    project));
    assertThat(stored).isEqualTo(1);
  }

  CodeVersions versions(Validation validation) {
    return new CodeVersions(database().jdbi(), clock, answered, () -> "somebody", validation);
  }

  SaveProcedureCodeRequest request(String code, boolean draft) {
    return SaveProcedureCodeRequest.newBuilder()
        .setProcedureId(id)
        .setCode(code)
        .setDraft(draft)
        .build();
  }

  SaveProcedureCodeResponse save(String code, boolean draft) {
    return versions.save(request(code, draft));
  }

  io.athena.procedures.v1.ValidationPolicy policy() {
    return policies.get(GetValidationPolicyRequest.newBuilder().setProject(project).build());
  }

  /** Sets a policy that says this besides extending the default one. */
  void set(String json) {
    Struct.Builder document = Struct.newBuilder();
    document.putFields("extends", Value.newBuilder().setStringValue("default").build());
    try {
      com.google.protobuf.util.JsonFormat.parser().merge(json, document);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    policies.set(
        SetValidationPolicyRequest.newBuilder().setProject(project).setDocument(document).build());
  }
}
