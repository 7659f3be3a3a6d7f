package io.athena.procedures.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.generation.model.CodeModel.Answer;
import io.athena.procedures.generation.model.CodeModel.Ending;
import io.athena.procedures.generation.model.CodeModel.Usage;
import io.athena.procedures.generation.model.ModelException.Kind;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Both protocols over real HTTP, against endpoints that do what endpoints do. */
final class LanguageModelsTest {
  private static final Prompt PROMPT =
      new Prompt("the rules of the house", List.of("a question nobody may log"));

  /** What is told while a model is asked. */
  private static final class Told implements CodeModel.Progress {
    private final StringBuilder text = new StringBuilder();
    private final List<String> notes = new ArrayList<>();
    private final List<ModelException> again = new ArrayList<>();
    private int parts;

    @Override
    public void text(String part) {
      text.append(part);
      parts++;
    }

    @Override
    public void note(String note) {
      notes.add(note);
    }

    @Override
    public void anew(ModelException why) {
      again.add(why);
      text.setLength(0);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerComesInPiecesAndWithWhatItTook(GenerationConfig.Provider provider) throws Exception {
    String text = "{\"code\": \"" + "x = 1\\n".repeat(40) + "über\"}";
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer(text))) {
      Told told = new Told();

      Answer answer = endpoint.model().ask(PROMPT.answered("one", "two"), told);

      assertThat(answer.text()).isEqualTo(text).isEqualTo(told.text.toString());
      assertThat(told.parts).isGreaterThan(3);
      assertThat(answer.ending()).isEqualTo(Ending.COMPLETE);
      assertThat(answer.model()).isEqualTo("model-x-1");
      assertThat(answer.usage()).isEqualTo(new Usage(120, 30));
      JsonNode request = endpoint.requests().getFirst();
      assertThat(request.path("model").stringValue()).isEqualTo("model-x");
      assertThat(request.path("stream").booleanValue()).isTrue();
      assertThat(request.path("max_tokens").intValue()).isEqualTo(1_000);
      assertThat(request.toString()).contains("a question nobody may log", "\"one\"", "\"two\"");
    }
  }

  @Test
  void anthropicKeepsTheRulesAndHoldsTheAnswerToItsForm() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.ANTHROPIC, StubEndpoint.answer("{}"))) {
      endpoint.model().ask(PROMPT, new Told());

      JsonNode request = endpoint.requests().getFirst();
      JsonNode system = request.path("system").path(0);
      assertThat(system.path("text").stringValue()).isEqualTo("the rules of the house");
      assertThat(system.path("cache_control").path("type").stringValue()).isEqualTo("ephemeral");
      assertThat(request.path("output_config").path("format").path("type").stringValue())
          .isEqualTo("json_schema");
      assertThat(request.path("messages").path(0).toString()).doesNotContain("rules of the house");
    }
  }

  @Test
  void openAiGetsTheRulesFirstAndASchema() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.answer("{}"))) {
      endpoint.model().ask(PROMPT, new Told());

      JsonNode request = endpoint.requests().getFirst();
      assertThat(request.path("messages").path(0).path("role").stringValue()).isEqualTo("system");
      JsonNode schema = request.path("response_format").path("json_schema");
      assertThat(schema.path("strict").booleanValue()).isTrue();
      assertThat(schema.path("schema").path("required").toString()).contains("code", "steps");
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void whoIsBusyIsAskedAgainWhenItSays(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            provider,
            StubEndpoint.status(429, "slow down", "1"),
            StubEndpoint.status(503, "overloaded", ""),
            StubEndpoint.answer("{}"))) {
      Told told = new Told();
      long begin = System.nanoTime();

      assertThat(endpoint.model().ask(PROMPT, told).text()).isEqualTo("{}");

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(endpoint.requests()).hasSize(3);
      assertThat(told.notes).hasSize(2);
      assertThat(told.notes.get(0)).contains("HTTP 429", "slow down", "in 1.0 s (1 of 2)");
      assertThat(told.notes.get(1)).contains("HTTP 503", "(2 of 2)");
    }
  }

  @Test
  void whoStaysBusyIsGivenUp() {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.status(500, "oh", ""))) {
      assertFails(endpoint.model(), Kind.BUSY, "HTTP 500");
      assertThat(endpoint.requests()).hasSize(3);
    }
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI, StubEndpoint.status(429, "tomorrow", "86400"))) {
      assertFails(endpoint.model(), Kind.BUSY, "tomorrow");
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void aKeyThatIsMissingOrWrongIsToldWithoutTheKey(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer("{}"))) {
      String wrong = "sk-wrong-987654321";
      assertThatThrownBy(() -> ask(endpoint.model(endpoint.config(wrong))))
          .isInstanceOfSatisfying(
              ModelException.class,
              failure -> assertThat(failure.kind()).isEqualTo(Kind.KEY_REFUSED))
          .hasMessageContaining("does not accept the key (HTTP 401)")
          .hasMessageContaining("[key]")
          .hasMessageNotContaining(wrong);
      assertFails(endpoint.model(endpoint.config(null)), Kind.KEY_REFUSED, "HTTP 401");
      assertThat(endpoint.config(wrong).toString()).doesNotContain(wrong);
    }
  }

  @Test
  void aKeyAcrossTheEndOfWhatIsToldIsNotToldInPart() {
    String message = "𝐱".repeat(290) + StubEndpoint.KEY + "y".repeat(50);
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.status(400, message, ""))) {
      assertThatThrownBy(() -> ask(endpoint.model()))
          .isInstanceOf(ModelException.class)
          .hasMessageEndingWith("(HTTP 400): " + "𝐱".repeat(290) + "[key]yyyyy…");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 413})
  void whatWillNotBecomeBetterIsNotRepeated(int status) {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC, StubEndpoint.status(status, "no", ""))) {
      assertFails(
          endpoint.model(),
          status == 404 ? Kind.UNKNOWN_MODEL : Kind.REQUEST_REFUSED,
          "HTTP " + status);
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerThatIsCutOrRefusedSaysSo(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(provider, StubEndpoint.cut("{\"co"), StubEndpoint.refusal())) {
      assertThat(ask(endpoint.model()).ending()).isEqualTo(Ending.CUT);
      assertThat(ask(endpoint.model()).ending()).isEqualTo(Ending.REFUSED);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerThatBreaksOffOrCannotBeReadIsNoAnswer(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint =
        new StubEndpoint(provider, StubEndpoint.broken("{\"code\": \"half"))) {
      assertFails(endpoint.model(), Kind.BROKEN_OFF, "broke off its answer");
      assertThat(endpoint.requests()).hasSize(3);
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.garbled())) {
      assertFails(endpoint.model(), Kind.BROKEN_OFF, "its protocol");
    }
  }

  @Test
  void anAnswerThatBreaksOffBeginsAnewAndWhoReadsItIsTold() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC,
            StubEndpoint.overloaded("half"),
            StubEndpoint.broken("an"),
            StubEndpoint.answer("whole"))) {
      Told told = new Told();

      assertThat(endpoint.model().ask(PROMPT, told).text()).isEqualTo("whole");

      assertThat(told.text.toString()).isEqualTo("whole");
      assertThat(told.again)
          .extracting(ModelException::kind)
          .containsExactly(Kind.BUSY, Kind.BROKEN_OFF);
      assertThat(told.notes).hasSize(2);
      assertThat(endpoint.requests().get(2)).isEqualTo(endpoint.requests().get(0));
    }
  }

  @Test
  void anAnswerIsReadNoFurtherThanItCouldEverBeLong() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.huge(40))) {
      Told told = new Told();
      CodeModel model = endpoint.model();

      assertThatThrownBy(() -> model.ask(PROMPT, told))
          .isInstanceOfSatisfying(
              ModelException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.TOO_LONG))
          .hasMessageContaining("sent more than 2,072,576 characters in its answer");

      assertThat(told.text.length()).isLessThan(2_072_576);
      assertThat(endpoint.isLeft()).isTrue();
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @Test
  void anAnswerOfMorePartsThanWaitToBeHeardIsWhole() throws Exception {
    String text = "part ".repeat(20_000);
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.answer(text))) {
      Told told = new Told();

      assertThat(endpoint.model().ask(PROMPT, told).text()).isEqualTo(text);
      assertThat(told.text).hasToString(text);
      assertThat(told.parts).isGreaterThan(2_000);
    }
  }

  @Test
  void aModelThatIsClosedEndsWhatItIsAsked() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.stall())) {
      CodeModel model =
          endpoint.model(withTimes(endpoint, Duration.ofMinutes(1), Duration.ofMinutes(1)));
      CodeModel.Progress closing =
          new CodeModel.Progress() {
            @Override
            public void text(String part) {
              model.close();
            }

            @Override
            public void note(String note) {}

            @Override
            public void anew(ModelException why) throws ModelException {
              throw why;
            }
          };

      assertThatThrownBy(() -> model.ask(PROMPT, closing)).isInstanceOf(ModelException.class);
      assertThatThrownBy(() -> ask(model)).isInstanceOf(ModelException.class);
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 425})
  void whatCannotBeTakenNowIsNotCalledRefused(int status) {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.status(status, "", ""))) {
      assertFails(
          endpoint.model(), Kind.BUSY, "does not take the request now (HTTP " + status + ")");
      assertThat(endpoint.requests()).hasSize(3);
    }
  }

  @Test
  void eventsWithoutDataAndCommentsAreNoAnswerAndNoFault() throws Exception {
    String chunk =
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI,
            StubEndpoint.raw(
                "\ufeff: PROCESSING\r\r\ndata\r\n\r\ndata:\n\nretry: 3\rdata:"
                    + chunk
                    + "\r\rdata: [DONE]\n\n"))) {
      assertThat(ask(endpoint.model()).text()).isEqualTo("hi");
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void silenceIsNotWaitedForLongerThanIsSet(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.stall())) {
      assertFails(
          endpoint.model(withTimes(endpoint, Duration.ofMillis(300), Duration.ofMinutes(1))),
          Kind.TIMED_OUT,
          "said nothing for 0.300 s");
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.endless())) {
      assertFails(
          endpoint.model(withTimes(endpoint, Duration.ofMinutes(1), Duration.ofMillis(500))),
          Kind.TIMED_OUT,
          "did not end its answer within 0.500 s");
    }
  }

  @Test
  void nobodyAtTheAddressIsToldAsThat() {
    GenerationConfig config;
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.answer("{}"))) {
      config = endpoint.config(null);
    }
    assertFails(
        LanguageModels.of(config, () -> 0, Duration.ofMillis(1)),
        Kind.OUT_OF_REACH,
        "cannot be reached");
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void theCallEndsWithThatOfItsCaller(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.endless());
        Context.CancellableContext context = Context.current().withCancellation()) {
      CodeModel.Progress leaving =
          new CodeModel.Progress() {
            @Override
            public void text(String part) {
              context.cancel(null);
            }

            @Override
            public void note(String note) {}

            @Override
            public void anew(ModelException why) throws ModelException {
              throw why;
            }
          };

      assertThatThrownBy(() -> context.call(() -> endpoint.model().ask(PROMPT, leaving)))
          .isInstanceOf(UnavailableException.class);
      assertThat(endpoint.isLeft()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void nothingOfKeyOrPromptIsLogged(GenerationConfig.Provider provider) throws Exception {
    try (CapturedLog log = new CapturedLog();
        StubEndpoint endpoint =
            new StubEndpoint(
                provider,
                StubEndpoint.status(500, "you asked: a question nobody may log", ""),
                StubEndpoint.answer("{}"),
                StubEndpoint.garbled())) {
      LoggerFactory.getLogger("io.athena.procedures").trace("a line of this program");
      LoggerFactory.getLogger("dev.langchain4j").trace("a line of the library");
      assertThat(log.text()).contains("a line of this program", "a line of the library");

      ask(endpoint.model());
      assertThatThrownBy(() -> ask(endpoint.model())).isInstanceOf(ModelException.class);
      assertThatThrownBy(() -> ask(endpoint.model(endpoint.config("sk-wrong-987654321"))))
          .isInstanceOf(ModelException.class);

      assertThat(log.text())
          .doesNotContain(StubEndpoint.KEY, "sk-wrong-987654321", "a question nobody may log");
    }
  }

  private static Answer ask(CodeModel model) throws ModelException, InterruptedException {
    return model.ask(PROMPT, new Told());
  }

  private static void assertFails(CodeModel model, Kind kind, String message) {
    assertThatThrownBy(() -> ask(model))
        .isInstanceOfSatisfying(
            ModelException.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  private static GenerationConfig withTimes(StubEndpoint endpoint, Duration stall, Duration call) {
    GenerationConfig config = endpoint.config(StubEndpoint.KEY);
    return new GenerationConfig(
        config.provider(),
        config.model(),
        config.baseUrl(),
        config.apiKey(),
        config.answerFormat(),
        config.maxOutputTokens(),
        config.maxTokens(),
        stall,
        call,
        0);
  }
}
