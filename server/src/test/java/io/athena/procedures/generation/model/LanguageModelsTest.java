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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Both protocols over real HTTP: what is asked, and how answers are read. */
final class LanguageModelsTest {
  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerComesInPiecesAndWithWhatItTook(GenerationConfig.Provider provider) throws Exception {
    String text = "{\"code\": \"" + "x = 1\\n".repeat(40) + "über\"}";
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer(text))) {
      Asking.Told told = new Asking.Told();

      Answer answer = endpoint.model().ask(Asking.PROMPT.answered("one", "two"), told);

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
      endpoint.model().ask(Asking.PROMPT, new Asking.Told());

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
      endpoint.model().ask(Asking.PROMPT, new Asking.Told());

      JsonNode request = endpoint.requests().getFirst();
      assertThat(request.path("messages").path(0).path("role").stringValue()).isEqualTo("system");
      JsonNode schema = request.path("response_format").path("json_schema");
      assertThat(schema.path("strict").booleanValue()).isTrue();
      assertThat(schema.path("schema").path("required").toString()).contains("code", "steps");
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerThatIsCutOrRefusedSaysSo(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(provider, StubEndpoint.cut("{\"co"), StubEndpoint.refusal())) {
      assertThat(Asking.ask(endpoint.model()).ending()).isEqualTo(Ending.CUT);
      assertThat(Asking.ask(endpoint.model()).ending()).isEqualTo(Ending.REFUSED);
    }
  }

  @Test
  void anAnswerIsReadNoFurtherThanItCouldEverBeLong() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.huge(40))) {
      Asking.Told told = new Asking.Told();
      CodeModel model = endpoint.model();

      assertThatThrownBy(() -> model.ask(Asking.PROMPT, told))
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
      Asking.Told told = new Asking.Told();

      assertThat(endpoint.model().ask(Asking.PROMPT, told).text()).isEqualTo(text);
      assertThat(told.text).hasToString(text);
      assertThat(told.parts).isGreaterThan(2_000);
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
      assertThat(Asking.ask(endpoint.model()).text()).isEqualTo("hi");
    }
  }

  @Test
  void aModelThatIsClosedEndsWhatItIsAsked() throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.stall())) {
      CodeModel model =
          endpoint.model(Asking.withTimes(endpoint, Duration.ofMinutes(1), Duration.ofMinutes(1)));
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

      assertThatThrownBy(() -> model.ask(Asking.PROMPT, closing))
          .isInstanceOf(ModelException.class);
      assertThatThrownBy(() -> Asking.ask(model)).isInstanceOf(ModelException.class);
      assertThat(endpoint.requests()).hasSize(1);
    }
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

      assertThatThrownBy(() -> context.call(() -> endpoint.model().ask(Asking.PROMPT, leaving)))
          .isInstanceOf(UnavailableException.class);
      assertThat(endpoint.isLeft()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerWithoutTextIsNoRefusal(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer(""))) {
      Answer answer = Asking.ask(endpoint.model());

      assertThat(answer.ending()).isEqualTo(Ending.COMPLETE);
      assertThat(answer.text()).isEmpty();
    }
  }

  @Test
  void whatOpenAiSendsInPlaceOfTextIsARefusal() throws Exception {
    String refusal =
        """
        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"refusal":"I can't"},"finish_reason":null}]}

        data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: [DONE]

        """;
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.raw(refusal))) {
      assertThat(Asking.ask(endpoint.model()).ending()).isEqualTo(Ending.REFUSED);
    }
  }
}
