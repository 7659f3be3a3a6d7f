package io.athena.procedures.generation;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.Step;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Generation on a real database, with real validation and containers, and a model if one is given.
 */
final class Workshop implements AutoCloseable {
  static final ModelBudget BUDGET = new ModelBudget(100_000, 1_000);

  /** What a model may answer when it is asked to shout. */
  static final String RIGHT =
      """
      \"""Shouts.\"""


      def shout(text: str) -> str:
          \"""Gives the text in capital letters with an exclamation mark.\"""
          return text.upper() + "!"
      """;

  static final String HALF_RIGHT = RIGHT.replace("upper()", "title()");
  static final String WRONG = RIGHT.replace("text.upper()", "text[99]");
  static final String FORBIDDEN = "import ctypes\n" + RIGHT;

  private final Sandbox sandbox = new Sandbox();
  private final Clock clock = Clock.systemUTC();
  private final AnsweredRequests answered;
  private final Validation validation;
  final ProjectPolicies policies;
  final Procedures procedures;
  final CodeVersions versions;

  Workshop(TestDatabase database) {
    answered = new AnsweredRequests(database.jdbi(), clock);
    procedures =
        new Procedures(
            database.jdbi(), clock, answered, (handle, id) -> false, CodeVersions::remove);
    policies = new ProjectPolicies(database.jdbi(), clock, () -> "tester");
    validation = new Validation(List.of(sandbox.channel()), policies, procedures::get, clock);
    versions = new CodeVersions(database.jdbi(), clock, answered, () -> "the caller", validation);
  }

  /** Without a model. */
  Generation generation() {
    return generation(Optional.empty());
  }

  Generation generation(CodeModel model, ModelBudget budget) {
    return generation(Optional.of(new Generation.Modelling(model, budget, policies::text)));
  }

  private Generation generation(Optional<Generation.Modelling> modelling) {
    return new Generation(
        clock,
        procedures,
        versions,
        answered,
        (code, id) -> {
          ValidationReport report =
              validation.validate(
                  ValidateProcedureCodeRequest.newBuilder()
                      .setCode(code)
                      .setProcedureId(id)
                      .build());
          return new CodeValidation.Result(report, validation.refusal(report, id));
        },
        sandbox.trials(),
        modelling);
  }

  List<GenerateProcedureCodeResponse> generate(
      CodeModel model, GenerateProcedureCodeRequest request) throws InterruptedException {
    return generate(model, BUDGET, request);
  }

  List<GenerateProcedureCodeResponse> generate(
      CodeModel model, ModelBudget budget, GenerateProcedureCodeRequest request)
      throws InterruptedException {
    List<GenerateProcedureCodeResponse> events = new ArrayList<>();
    generation(model, budget).generate(request, events::add);
    return events;
  }

  /** For a model, with refinement. */
  static GenerateProcedureCodeRequest.Builder request(Procedure procedure) {
    return GenerateProcedureCodeRequest.newBuilder()
        .setProcedureId(procedure.getProcedureId())
        .setUseLlm(true)
        .setRefineOnLowConfidence(true);
  }

  /** A procedure that shouts a text. */
  Procedure remember(String name, Example... examples) {
    return remember(
        Procedure.newBuilder()
            .setName(name)
            .addSteps(step("Turn the text into capital letters and add \"!\" to the end"))
            .addParameters(
                Parameter.newBuilder()
                    .setName("text")
                    .setType(ParameterType.PARAMETER_TYPE_STRING)
                    .setRequired(true))
            .addAllExamples(List.of(examples)));
  }

  Procedure remember(Procedure.Builder procedure) {
    return procedures.remember(
        RememberProcedureRequest.newBuilder().setProcedure(procedure).build());
  }

  static Step step(String description) {
    return Step.newBuilder().setDescription(description).build();
  }

  static Example example(String text, String expected) {
    return Example.newBuilder()
        .setParameters(Struct.newBuilder().putFields("text", string(text)))
        .setExpected(string(expected))
        .build();
  }

  static Value string(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** A model's answer in the form it is asked for. */
  static String answer(String code) {
    return answer(code, List.of());
  }

  static String answer(String code, List<String> capabilities) {
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "assumptions", List.of("an empty text is shouted too"),
                "steps", List.of(Map.of("step", 1, "done", true, "how", "by upper()")),
                "parameters",
                    List.of(
                        Map.of(
                            "name", "text",
                            "type", "string",
                            "required", true,
                            "description", "what to shout")),
                "capabilities", capabilities,
                "code", code));
  }

  static List<AttemptStarted> attempts(List<GenerateProcedureCodeResponse> events) {
    return events.stream()
        .filter(GenerateProcedureCodeResponse::hasAttemptStarted)
        .map(GenerateProcedureCodeResponse::getAttemptStarted)
        .toList();
  }

  static List<String> reasons(List<GenerateProcedureCodeResponse> events) {
    return attempts(events).stream().map(AttemptStarted::getReason).toList();
  }

  @Override
  public void close() throws IOException {
    sandbox.close();
  }
}
