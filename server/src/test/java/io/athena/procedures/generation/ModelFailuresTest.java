package io.athena.procedures.generation;

import static io.athena.procedures.generation.Workshop.HALF_RIGHT;
import static io.athena.procedures.generation.Workshop.RIGHT;
import static io.athena.procedures.generation.Workshop.WRONG;
import static io.athena.procedures.generation.Workshop.answer;
import static io.athena.procedures.generation.Workshop.attempts;
import static io.athena.procedures.generation.Workshop.example;
import static io.athena.procedures.generation.Workshop.reasons;
import static io.athena.procedures.generation.Workshop.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.generation.model.CapturedLog;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.generation.model.StubEndpoint;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.Procedure;
import io.grpc.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a generation whose model does not do what it should. */
final class ModelFailuresTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static Workshop workshop;
  private static Procedure shout;

  @BeforeAll
  static void open() {
    workshop = new Workshop(database);
    shout = workshop.remember("shout", example("a", "A!"), example("hello you", "HELLO YOU!"));
  }

  @AfterAll
  static void close() throws IOException {
    workshop.close();
  }

  @Test
  void anAnswerThatIsCutIsAskedForAgainShorterAndOneThatBreaksOffAsItWas() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC,
            StubEndpoint.cut(answer(RIGHT).substring(0, 80)),
            StubEndpoint.broken(answer(RIGHT).substring(0, 80)),
            StubEndpoint.answer(answer(RIGHT)))) {
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(endpoint.model(), request(shout).build());

      assertThat(events.getLast().getDone().getCode()).isEqualTo(RIGHT);
      assertThat(reasons(events).get(1)).contains("must be shorter");
      assertThat(reasons(events).get(2)).contains("broke off its answer");
      assertThat(endpoint.requests().get(2)).isEqualTo(endpoint.requests().get(1));
    }
  }

  @Test
  void anAttemptThatFailsInItsMidstIsMadeAnewAlsoWithoutRefinement() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC,
            StubEndpoint.overloaded(answer(RIGHT).substring(0, 80)),
            StubEndpoint.answer(answer(RIGHT)))) {
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(
              endpoint.model(), request(shout).setRefineOnLowConfidence(false).build());

      Done done = events.getLast().getDone();
      assertThat(done.getCode()).isEqualTo(RIGHT);
      assertThat(done.getAttempt()).isEqualTo(2);
      assertThat(reasons(events).get(1)).contains("failed in the midst of its answer");
      assertThat(endpoint.requests()).hasSize(2);
    }
  }

  @Test
  void answersThatBreakOffCountForTheBudget() throws Exception {
    // 600 tokens of Chinese: with the question more than is left for a second time.
    String half = "\u4f60".repeat(400);
    long question =
        TokenEstimate.of(new Prompts().first(shout, workshop.policies.text("default"), ""));
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.ANTHROPIC, StubEndpoint.overloaded(half))) {
      assertThatThrownBy(() ->
              workshop.generate(
                  endpoint.model(),
                  new ModelBudget((int) (2 * question) + 1_500, 1_000),
                  request(shout).build()))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("MODEL_BUDGET_EXCEEDED"))
          .hasMessageContaining("failed in the midst of its answer")
          .hasMessageContaining("%,d are used".formatted(question + 600));
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @Test
  void anAnswerWithoutEndNamesTheSettingAndIsNotAskedForAgain() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.ANTHROPIC, StubEndpoint.huge(40))) {
      assertThatThrownBy(() -> workshop.generate(endpoint.model(), request(shout).build()))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("MODEL_ANSWER_TOO_LONG"))
          .hasMessageContaining("generation.max-output-tokens");
      assertThat(endpoint.isLeft()).isTrue();
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @Test
  void aModelThatFailsIsReplacedByTheRulesIfTheCallerAllows() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC, StubEndpoint.status(500, "boom", ""))) {
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(endpoint.model(), request(shout).setAllowFallback(true).build());

      Done done = events.getLast().getDone();
      assertThat(done.getGenerator()).isEqualTo("rules");
      assertThat(done.getEvidence().getExamplesPassed()).isEqualTo(2);
      assertThat(done.getBasis()).contains("HTTP 500", "so the rules were used");
      assertThat(attempts(events))
          .extracting(AttemptStarted::getGenerator)
          .containsExactly("llm", "rules");
      assertThat(events).anyMatch(event -> event.getNote().contains("asked again"));

      assertThatThrownBy(() -> workshop.generate(endpoint.model(), request(shout).build()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("HTTP 500");
    }
  }

  @Test
  void aModelThatFailsInALaterRoundLeavesWhatThereIs() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI,
            StubEndpoint.answer(answer(HALF_RIGHT)),
            StubEndpoint.status(500, "boom", ""))) {
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(endpoint.model(), request(shout).build());

      assertThat(events.getLast().getDone().getCode()).isEqualTo(HALF_RIGHT);
      assertThat(events).anyMatch(event -> event.getNote().contains("what there is stays"));
    }
  }

  @Test
  void aRefusalIsAResultThatSaysSo() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.refusal())) {
      Done done = workshop.generate(endpoint.model(), request(shout).build()).getLast().getDone();
      assertThat(done.getSuccess()).isFalse();
      assertThat(done.getConfidence()).isZero();
      assertThat(done.getError()).contains("does not want to answer");
      assertThat(endpoint.requests()).hasSize(1);

      Done ruled =
          workshop
              .generate(endpoint.model(), request(shout).setAllowFallback(true).build())
              .getLast()
              .getDone();
      assertThat(ruled.getSuccess()).isTrue();
      assertThat(ruled.getBasis()).contains("does not want to answer");
    }
  }

  @Test
  void aKeyThatIsRefusedNamesTheSetting() {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.refusal())) {
      CodeModel model = endpoint.model(endpoint.config("sk-wrong-987654321"));
      assertThatThrownBy(() -> workshop.generate(model, request(shout).build()))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> {
                assertThat(refusal.reason()).isEqualTo("MODEL_KEY_REFUSED");
                assertThat(refusal.metadata()).containsValue("generation.api-key-file");
              })
          .hasMessageNotContaining("sk-wrong");
    }
  }

  @Test
  void theBudgetEndsWhatItDoesNotAllow() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.answer(answer(WRONG)))) {
      assertThatThrownBy(() ->
              workshop.generate(
                  endpoint.model(), new ModelBudget(1_200, 1_000), request(shout).build()))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("MODEL_BUDGET_EXCEEDED"));
      assertThat(endpoint.requests()).isEmpty();

      // Enough for a question and an answer, and not for more.
      int question =
          (int) TokenEstimate.of(new Prompts().first(shout, workshop.policies.text("default"), ""));
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(
              endpoint.model(), new ModelBudget(question + 1_200, 1_000), request(shout).build());
      assertThat(events.getLast().getDone().getCode()).isEqualTo(WRONG);
      assertThat(endpoint.requests()).hasSize(1);
      assertThat(events).anyMatch(event -> event.getNote().contains("generation.max-tokens"));
    }
  }

  @Test
  void theModelIsLeftWhenTheCallerGoes() throws Exception {
    try (StubEndpoint endpoint =
            new StubEndpoint(GenerationConfig.Provider.ANTHROPIC, StubEndpoint.endless());
        Context.CancellableContext context = Context.current().withCancellation()) {
      Generation generation =
          workshop.generation(endpoint.model(), new ModelBudget(100_000, 1_000));

      assertThatThrownBy(() ->
              context.call(() -> {
                generation.generate(
                    request(shout).setAllowFallback(true).build(),
                    event -> {
                      if (!event.getText().isEmpty()) {
                        context.cancel(null);
                      }
                    });
                return "done";
              }))
          .isInstanceOf(UnavailableException.class);
      assertThat(endpoint.isLeft()).isTrue();
    }
  }

  @Test
  void neitherKeyNorPromptIsLogged() throws Exception {
    Procedure procedure = workshop.remember("confidential_plans", example("a", "A!"));
    try (CapturedLog log = new CapturedLog();
        StubEndpoint endpoint =
            new StubEndpoint(
                GenerationConfig.Provider.OPENAI,
                StubEndpoint.status(400, "you said confidential_plans", ""))) {
      workshop.generate(endpoint.model(), request(procedure).setAllowFallback(true).build());

      assertThat(log.text())
          .contains("gave no answer for procedure " + procedure.getProcedureId())
          .doesNotContain(StubEndpoint.KEY, "confidential_plans");
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anEmptyAnswerIsAskedForAgainAndInTheEndToldAsEmpty(GenerationConfig.Provider provider)
      throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            provider, StubEndpoint.answer(" \n"), StubEndpoint.answer(answer(RIGHT)))) {
      List<GenerateProcedureCodeResponse> events =
          workshop.generate(endpoint.model(), request(shout).build());

      assertThat(events.getLast().getDone().getCode()).isEqualTo(RIGHT);
      assertThat(reasons(events).get(1)).isEqualTo("the answer is empty");
      assertThat(endpoint.requests().get(1)).isEqualTo(endpoint.requests().get(0));
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer(""))) {
      Done done = workshop.generate(endpoint.model(), request(shout).build()).getLast().getDone();

      assertThat(done.getError())
          .isEqualTo("the language model gave no code that can be used: the answer is empty");
      assertThat(endpoint.requests()).hasSize(4);
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.cut(""))) {
      Done done = workshop.generate(endpoint.model(), request(shout).build()).getLast().getDone();

      assertThat(done.getError())
          .contains("reached the limit of its length (generation.max-output-tokens)");
    }
  }

  @Test
  void anAddressThatIsNoneOfAModelNamesTheSetting() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI,
            StubEndpoint.page(301, "text/html", "", "Location", "https://new.example/v1"))) {
      assertThatThrownBy(() -> workshop.generate(endpoint.model(), request(shout).build()))
          .isInstanceOfSatisfying(
              FailedPreconditionException.class,
              refusal -> {
                assertThat(refusal.reason()).isEqualTo("MODEL_ADDRESS_WRONG");
                assertThat(refusal.metadata()).containsEntry("setting", "generation.base-url");
              })
          .hasMessageContaining("to https://new.example/v1")
          .hasMessageContaining("mend generation.base-url");
    }
  }

  @Test
  void anEndpointThatIsBusyForLongTellsWhenToComeAgain() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC, StubEndpoint.status(429, "used up", "7200"))) {
      assertThatThrownBy(() -> workshop.generate(endpoint.model(), request(shout).build()))
          .isInstanceOfSatisfying(
              UnavailableException.class,
              refusal -> assertThat(refusal.retryAfter()).contains(Duration.ofHours(2)))
          .hasMessageContaining(
              "used up; it asks to be left alone for 2 h 0 min; repeat the call after that");

      Done done =
          workshop
              .generate(endpoint.model(), request(shout).setAllowFallback(true).build())
              .getLast()
              .getDone();
      assertThat(done.getBasis()).contains("left alone for 2 h 0 min, so the rules were used");
    }
  }
}
