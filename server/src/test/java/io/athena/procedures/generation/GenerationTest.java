package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.code.VersionEvidence;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.EventCase;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Generation from the request to the stored version. */
final class GenerationTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final String WITHOUT_DOCSTRING = "def run(text: str) -> str:\n    return text\n";

  private static Workshop workshop;
  private static Generation generation;

  @BeforeAll
  static void open() {
    workshop = new Workshop(database);
    generation = workshop.generation();
  }

  @AfterAll
  static void close() throws IOException {
    workshop.close();
  }

  @Test
  void codeIsMadeItsExamplesAreRunAndItIsSavedWithItsConfidence() throws Exception {
    Procedure procedure =
        remember(
            words("shout", "Turn the text into capital letters", "Add \"!\" to the end")
                .addExamples(Workshop.example("hello", "HELLO!"))
                .addExamples(Workshop.example("", "!")));

    List<GenerateProcedureCodeResponse> events = generate(request(procedure).setSave(true).build());

    assertThat(events)
        .extracting(GenerateProcedureCodeResponse::getEventCase)
        .containsExactly(
            EventCase.ATTEMPT_STARTED,
            EventCase.TEXT,
            EventCase.VALIDATION,
            EventCase.EXAMPLE_RUN,
            EventCase.EXAMPLE_RUN,
            EventCase.DONE);
    Done done = events.getLast().getDone();
    assertThat(done.getSuccess()).isTrue();
    assertThat(done.getVersion()).isEqualTo(1);
    assertThat(done.getSaved()).isTrue();
    assertThat(done.getEvidence().getExamplesPassed()).isEqualTo(2);
    assertThat(done.getBasis()).contains("2 of 2 examples");
    assertThat(done.getConfidence())
        .isCloseTo(new VersionEvidence(2, 0, 0, 1).confidence(), within(1e-9));
    assertThat(events.get(1).getText()).isEqualTo(done.getCode());
    assertThat(done.getValidation().getChecks().getSyntax()).isTrue();
    assertThat(done.getValidation().getChecks().getSecurity()).isTrue();
    assertThat(
            workshop
                .versions
                .get(
                    GetProcedureVersionRequest.newBuilder()
                        .setProcedureId(procedure.getProcedureId())
                        .build())
                .getCode())
        .isEqualTo(done.getCode());
    assertThat(workshop.procedures.get(procedure.getProcedureId()).getConfidence())
        .isEqualTo(done.getConfidence());
  }

  @Test
  void aStepThatNoRuleCoversIsReportedRaisesAndLowersConfidence() throws Exception {
    Procedure procedure =
        remember(
            words("half", "Turn the text into capital letters", "Do the impossible thing")
                .addExamples(Workshop.example("hello", "HELLO")));

    Done done = generate(request(procedure).build()).getLast().getDone();

    assertThat(done.getSuccess()).isTrue();
    assertThat(done.getSteps(0).getCovered()).isTrue();
    assertThat(done.getSteps(1).getCovered()).isFalse();
    assertThat(done.getSteps(1).getMessage())
        .isEqualTo("'impossible' is not understood; no pattern is near it");
    assertThat(done.getCode())
        .contains(
            "raise NotImplementedError(\"step 2 is not implemented: Do the impossible thing\")");
    assertThat(done.getEvidence().getExamplesFailed()).isEqualTo(1);
    assertThat(done.getConfidence())
        .isCloseTo(new VersionEvidence(0, 1, 0, 0.5).confidence(), within(1e-9));
    assertThat(done.getVersion()).isZero();
  }

  @Test
  void whereNoStepIsCoveredThereIsNoSuccessAndNoConfidence() throws Exception {
    Procedure procedure = remember(words("none", "Do the impossible thing"));

    Done done = generate(request(procedure).setSave(true).build()).getLast().getDone();

    assertThat(done.getSuccess()).isFalse();
    assertThat(done.getConfidence()).isZero();
    assertThat(done.getError()).contains("no step could be read");
    assertThat(done.getVersion()).isZero();
  }

  @Test
  void anExampleThatNeedsToolsIsSkippedAndCountsNeitherWay() throws Exception {
    Procedure procedure =
        remember(
            words("commit", "Stage all changes", "Push to remote")
                .addExamples(Workshop.example("x", "y")));

    List<GenerateProcedureCodeResponse> events = generate(request(procedure).build());

    Done done = events.getLast().getDone();
    assertThat(done.getToolsList()).containsExactly("git.add", "git.push");
    assertThat(done.getEvidence().getExamplesSkipped()).isEqualTo(1);
    assertThat(events.get(3).getExampleRun().getMessage())
        .isEqualTo(
            "not run: needs tools, which only the caller of a run serves: git.add, git.push");
    assertThat(done.getConfidence()).isEqualTo(0.5);
  }

  @Test
  void codeThatDoesNotParseIsNeitherRunNorSavedAndNoSuccess() throws Exception {
    Procedure procedure =
        remember(
            Procedure.newBuilder()
                .setName("broken_template")
                .setTemplate("def broken_template(:\n")
                .addExamples(Example.newBuilder().setExpected(Workshop.string("x"))));

    List<GenerateProcedureCodeResponse> events = generate(request(procedure).setSave(true).build());

    Done done = events.getLast().getDone();
    assertThat(done.getSuccess()).isFalse();
    assertThat(done.getError()).startsWith("not saved: the code does not parse");
    assertThat(done.getVersion()).isZero();
    assertThat(done.getEvidence().getExamplesSkipped()).isEqualTo(1);
    assertThat(events)
        .filteredOn(GenerateProcedureCodeResponse::hasExampleRun)
        .singleElement()
        .satisfies(event ->
            assertThat(event.getExampleRun().getMessage())
                .isEqualTo("not run: the code does not parse; `validation` says where"));
  }

  @Test
  void codeThatThePolicyDoesNotLetRunIsNotRun() throws Exception {
    setPolicy("enforcing", "on_execute");
    Procedure procedure =
        remember(
            words("undocumented")
                .setTemplate(WITHOUT_DOCSTRING)
                .setProject("enforcing")
                .addExamples(Workshop.example("a", "a")));

    Done done = generate(request(procedure).build()).getLast().getDone();

    assertThat(done.getValidation().getChecks().getSecurity()).isTrue();
    assertThat(done.getSuccess()).isFalse();
    assertThat(done.getError()).contains("breaks policy 'project'", "missing-docstring");
    assertThat(done.getEvidence().getExamplesSkipped()).isEqualTo(1);
    assertThat(done.getConfidence()).isZero();
  }

  @Test
  void codeThatThePolicyDoesNotLetBeSavedIsToldAndNoSuccess() throws Exception {
    setPolicy("keeping", "on_save");
    Procedure procedure =
        remember(
            words("unkept")
                .setTemplate(WITHOUT_DOCSTRING)
                .setProject("keeping")
                .addExamples(Workshop.example("a", "a")));

    Done done = generate(request(procedure).setSave(true).build()).getLast().getDone();

    assertThat(done.getSuccess()).isFalse();
    assertThat(done.getError()).startsWith("not saved: ").contains("missing-docstring");
    assertThat(done.getVersion()).isZero();
    assertThat(done.getCode()).contains("return text");
    assertThat(done.getEvidence().getExamplesPassed()).isEqualTo(1);
  }

  @Test
  void codeThatFailsAnExampleIsToldAndTheCurrentVersionStays() throws Exception {
    Procedure procedure =
        remember(
            words("regressing", "Turn the text into capital letters")
                .addExamples(Workshop.example("a", "A"))
                .addExamples(Workshop.example("b", "b!")));
    workshop.versions.save(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode("def regressing(text):\n    return text\n")
            .build());

    Done done = generate(request(procedure).setSave(true).build()).getLast().getDone();

    assertThat(done.getSaved()).isFalse();
    assertThat(done.getVersion()).isZero();
    assertThat(done.getSuccess()).isFalse();
    assertThat(done.getError())
        .startsWith("not saved: 1 of 2 examples failed")
        .contains("example 2: expected \"b!\" but it gave \"B\"", "SaveProcedureCode");
    assertThat(done.getCode()).contains("upper()");
    assertThat(workshop.procedures.get(procedure.getProcedureId()).getCurrentVersion())
        .isEqualTo(1);
  }

  @Test
  void aRepeatGivesTheFirstAnswer() throws Exception {
    Procedure procedure = remember(words("repeat", "Reverse the text"));
    GenerateProcedureCodeRequest request = request(procedure).setRequestId("once").build();

    Done first = generate(request).getLast().getDone();
    List<GenerateProcedureCodeResponse> again = generate(request);

    assertThat(again).hasSize(1);
    assertThat(again.getFirst().getDone()).isEqualTo(first);
  }

  @Test
  void whatCannotBeginSaysWhatToDo() {
    Procedure empty = remember(Procedure.newBuilder().setName("empty"));
    Procedure words = remember(words("model", "Reverse the text"));
    assertThatThrownBy(() -> generate(request(empty).build()))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("NOTHING_TO_GENERATE_FROM"))
        .hasMessageContaining("add steps");
    assertThatThrownBy(() -> generate(request(words).setUseLlm(true).build()))
        .isInstanceOfSatisfying(
            FailedPreconditionException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("MODEL_NOT_CONFIGURED"))
        .hasMessageContaining("generation.model");
    assertThatThrownBy(() -> generate(request(words).setInstructions("x".repeat(10_001)).build()))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> generate(request(words).setProcedureId(987654).build()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void withFallbackAllowedTheRulesAreUsedAndSaySo() throws Exception {
    Procedure procedure = remember(words("fallback", "Reverse the text"));

    Done done =
        generate(request(procedure).setUseLlm(true).setAllowFallback(true).build())
            .getLast()
            .getDone();

    assertThat(done.getGenerator()).isEqualTo("rules");
    assertThat(done.getBasis()).contains("no language model is configured");
  }

  @Test
  void aThousandStepsAreReadAndReported() throws Exception {
    Procedure.Builder procedure = words("thousand");
    for (int i = 0; i < 1_000; i++) {
      procedure.addSteps(
          Workshop.step(i % 10 == 9 ? "Do the impossible thing" : "Reverse the text"));
    }

    Done done = generate(request(remember(procedure)).build()).getLast().getDone();

    assertThat(done.getStepsCount()).isEqualTo(1_000);
    assertThat(done.getEvidence().getStepCoverage()).isCloseTo(0.9, within(1e-9));
  }

  @Test
  void whatIsTooLargeOrContradictsItselfIsRefusedWhenItIsRemembered() {
    assertThatThrownBy(() -> remember(words("huge", "Reverse the text ".repeat(65_536))))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("steps[0].description");
    assertThatThrownBy(() ->
            remember(
                words("twice", "Reverse the text")
                    .addParameters(
                        Parameter.newBuilder()
                            .setName("text")
                            .setType(ParameterType.PARAMETER_TYPE_INTEGER))))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("text");
    assertThatThrownBy(() ->
            remember(
                words("mismatch", "Reverse the text")
                    .addParameters(
                        Parameter.newBuilder()
                            .setName("count")
                            .setType(ParameterType.PARAMETER_TYPE_INTEGER)
                            .setDefaultValue(Workshop.string("many")))))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("default");
  }

  @Test
  void aVariableThatIsNotClosedIsReported() throws Exception {
    Done inStep =
        generate(request(remember(words("unclosed", "Add \"{{text\" to the end"))).build())
            .getLast()
            .getDone();
    assertThat(inStep.getSteps(0).getCovered()).isFalse();
    assertThat(inStep.getSteps(0).getMessage()).contains("{{ without }}");

    Done inTemplate =
        generate(
                request(
                        remember(
                            Procedure.newBuilder()
                                .setName("unclosed_template")
                                .setTemplate("result = {{text\n")))
                    .build())
            .getLast()
            .getDone();
    assertThat(inTemplate.getConfidence()).isZero();
    assertThat(inTemplate.getSteps(0).getCovered()).isFalse();
    assertThat(inTemplate.getSteps(0).getMessage()).contains("{{ without }} in line 1, column 10");
  }

  /** A policy that takes a missing docstring for an error, which it enforces at one time. */
  private static void setPolicy(String project, String when) {
    workshop.policies.set(
        SetValidationPolicyRequest.newBuilder()
            .setProject(project)
            .setDocument(
                Struct.newBuilder()
                    .putFields("extends", Workshop.string("default"))
                    .putFields(when, Workshop.string("enforce"))
                    .putFields(
                        "severities",
                        Value.newBuilder()
                            .setStructValue(
                                Struct.newBuilder()
                                    .putFields("missing-docstring", Workshop.string("error")))
                            .build()))
            .build());
  }

  private static List<GenerateProcedureCodeResponse> generate(GenerateProcedureCodeRequest request)
      throws InterruptedException {
    List<GenerateProcedureCodeResponse> events = new ArrayList<>();
    generation.generate(request, events::add);
    return events;
  }

  private static GenerateProcedureCodeRequest.Builder request(Procedure procedure) {
    return GenerateProcedureCodeRequest.newBuilder().setProcedureId(procedure.getProcedureId());
  }

  private static Procedure remember(Procedure.Builder procedure) {
    return workshop.remember(procedure);
  }

  private static Procedure.Builder words(String name, String... steps) {
    Procedure.Builder procedure =
        Procedure.newBuilder()
            .setName(name)
            .addParameters(
                Parameter.newBuilder()
                    .setName("text")
                    .setType(ParameterType.PARAMETER_TYPE_STRING)
                    .setRequired(true));
    for (String step : steps) {
      procedure.addSteps(Step.newBuilder().setDescription(step));
    }
    return procedure;
  }
}
