package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.JudgedSave;
import io.athena.procedures.code.VersionEvidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is known of code stays known, however the code is saved. */
final class KnownEvidenceTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final String OTHER = "def run(text):\n    return 1\n";

  private static Workshop workshop;

  @BeforeAll
  static void open() {
    workshop = new Workshop(database);
  }

  @AfterAll
  static void close() throws IOException {
    workshop.close();
  }

  @Test
  void codeWhoseExampleFailedIsWorthNoMoreWhenItIsSavedByHand() throws Exception {
    Procedure procedure =
        remember("failing", "Reverse the text", Workshop.example("ab", "something else"));
    Done done = generate(procedure, false);

    CodeVersion saved = save(procedure, done.getCode());

    assertThat(done.getConfidence()).isLessThan(0.03);
    assertThat(saved.getConfidence()).isCloseTo(done.getConfidence(), within(1e-9));
  }

  @Test
  void codeThatDoesNoStepIsWorthNothingWhenItIsSavedByHand() throws Exception {
    Procedure procedure = remember("nothing", "Do the impossible thing");

    assertThat(save(procedure, generate(procedure, false).getCode()).getConfidence()).isZero();
  }

  @Test
  void codeThatComesBackBringsWhatWasKnownOfIt() throws Exception {
    Procedure procedure = remember("returning", "Reverse the text", Workshop.example("ab", "ba"));
    Done done = generate(procedure, true);
    save(procedure, OTHER);

    CodeVersion again = save(procedure, done.getCode());

    assertThat(again.getVersion()).isEqualTo(3);
    assertThat(again.getConfidence())
        .isCloseTo(new VersionEvidence(1, 0, 0, 1).confidence(), within(1e-9));
  }

  @Test
  void whatWasFoundOutForAnotherDefinitionDoesNotCount() throws Exception {
    Procedure procedure =
        remember("redefined", "Reverse the text", Workshop.example("ab", "something else"));
    Done done = generate(procedure, false);
    update(procedure, Workshop.example("ab", "ba"));

    assertThat(save(procedure, done.getCode()).getConfidence()).isEqualTo(0.5);
  }

  @Test
  void importedCodeIsWorthNoMoreWhenItComesBackOrIsGeneratedAndNotTried() throws Exception {
    Procedure procedure = remember("imported", "Reverse the text");
    String code = generate(procedure, false).getCode();
    importCode(procedure, code, 0.1);
    save(procedure, OTHER);
    assertThat(save(procedure, code).getConfidence()).isCloseTo(0.1, within(1e-9));

    Done done = generate(procedure, true);

    assertThat(done.getBasis()).contains("nothing was executed");
    assertThat(done.getConfidence()).isCloseTo(0.1, within(1e-9));
  }

  @Test
  void anExampleThatExpectsNothingIsWorthNoMoreThanARun() throws Exception {
    Procedure procedure =
        remember(
            "expecting nothing",
            "Reverse the text",
            Workshop.example("ab", "").toBuilder().clearExpected().build());

    Done done = generate(procedure, true);

    double afterARun = new VersionEvidence(0, 0, 1, 1).confidence();
    assertThat(done.getBasis())
        .startsWith(
            "1 example was run without an error and not compared, as no result is expected;");
    assertThat(done.getEvidence().getExamplesPassed()).isZero();
    assertThat(done.getEvidence().getExamplesNotCompared()).isEqualTo(1);
    assertThat(afterARun).isBetween(0.5, 0.51);
    assertThat(done.getConfidence()).isCloseTo(afterARun, within(1e-9));
    save(procedure, OTHER);
    assertThat(save(procedure, done.getCode()).getConfidence()).isCloseTo(afterARun, within(1e-9));
  }

  private static void importCode(Procedure procedure, String code, double confidence) {
    JudgedSave judged = workshop.versions.judgeOf(procedure, code, "");
    String sha256 =
        database
            .jdbi()
            .withHandle(handle ->
                handle
                    .select("select encode(sha256(convert_to(?, 'UTF8')), 'hex')", code)
                    .mapTo(String.class)
                    .one());
    CodeOrigin origin =
        CodeOrigin.newBuilder().setCodeSha256(sha256).setConfidence(confidence).build();
    database
        .jdbi()
        .useTransaction(handle -> judged.saveFor(handle, procedure.getProcedureId(), origin));
  }

  private static void update(Procedure procedure, Example example) {
    workshop.procedures.update(
        UpdateProcedureRequest.newBuilder()
            .setProcedure(
                Procedure.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .addExamples(example))
            .build());
  }

  private static CodeVersion save(Procedure procedure, String code) {
    return workshop
        .versions
        .save(
            SaveProcedureCodeRequest.newBuilder()
                .setProcedureId(procedure.getProcedureId())
                .setCode(code)
                .build())
        .getVersion();
  }

  private static Done generate(Procedure procedure, boolean save) throws InterruptedException {
    List<GenerateProcedureCodeResponse> events = new ArrayList<>();
    workshop
        .generation()
        .generate(
            GenerateProcedureCodeRequest.newBuilder()
                .setProcedureId(procedure.getProcedureId())
                .setSave(save)
                .build(),
            events::add);
    return events.getLast().getDone();
  }

  private static Procedure remember(String name, String step, Example... examples) {
    return workshop.remember(
        Procedure.newBuilder()
            .setName(name)
            .addSteps(Workshop.step(step))
            .addParameters(
                Parameter.newBuilder()
                    .setName("text")
                    .setType(ParameterType.PARAMETER_TYPE_STRING)
                    .setRequired(true))
            .addAllExamples(List.of(examples)));
  }
}
