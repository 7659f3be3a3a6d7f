package io.athena.procedures.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.generation.model.ModelException.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What people are told of an endpoint that cannot be used, and what nobody is told. */
final class ModelFaultsTest {
  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void aKeyThatIsMissingOrWrongIsToldWithoutTheKey(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.answer("{}"))) {
      String wrong = "sk-wrong-987654321";
      assertThatThrownBy(() -> Asking.ask(endpoint.model(endpoint.config(wrong))))
          .isInstanceOfSatisfying(
              ModelException.class,
              failure -> assertThat(failure.kind()).isEqualTo(Kind.KEY_REFUSED))
          .hasMessageContaining("does not accept the key (HTTP 401)")
          .hasMessageContaining("[key]")
          .hasMessageNotContaining(wrong);
      Asking.assertFails(endpoint.model(endpoint.config(null)), Kind.KEY_REFUSED, "HTTP 401");
      assertThat(endpoint.config(wrong).toString()).doesNotContain(wrong);
    }
  }

  @Test
  void aKeyAcrossTheEndOfWhatIsToldIsNotToldInPart() {
    String message = "𝐱".repeat(290) + StubEndpoint.KEY + "y".repeat(50);
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.status(400, message, ""))) {
      assertThatThrownBy(() -> Asking.ask(endpoint.model()))
          .isInstanceOf(ModelException.class)
          .hasMessageEndingWith("(HTTP 400): " + "𝐱".repeat(290) + "[key]yyyyy…");
    }
  }

  @Test
  void nobodyAtTheAddressIsToldAsThat() {
    GenerationConfig config;
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.answer("{}"))) {
      config = endpoint.config(null);
    }
    Asking.assertFails(
        LanguageModels.of(config, () -> 0, Duration.ofMillis(1)),
        Kind.OUT_OF_REACH,
        "cannot be reached");
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

      Asking.ask(endpoint.model());
      assertThatThrownBy(() -> Asking.ask(endpoint.model())).isInstanceOf(ModelException.class);
      assertThatThrownBy(() -> Asking.ask(endpoint.model(endpoint.config("sk-wrong-987654321"))))
          .isInstanceOf(ModelException.class);

      assertThat(log.text())
          .doesNotContain(StubEndpoint.KEY, "sk-wrong-987654321", "a question nobody may log");
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void aRedirectIsToldWithWhereItLeadsAndNotFollowed(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            provider,
            StubEndpoint.page(
                308, "text/html", "<html>moved</html>", "Location", "https://elsewhere/v1"))) {
      Asking.assertFails(
          endpoint.model(),
          Kind.WRONG_ADDRESS,
          "sends one elsewhere (HTTP 308), to https://elsewhere/v1");
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void aPageInPlaceOfAnAnswerIsToldWithItsTitle(GenerationConfig.Provider provider) {
    String page = "\n<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head></html>";
    for (int status : new int[] {200, 404, 405}) {
      try (StubEndpoint endpoint =
          new StubEndpoint(provider, StubEndpoint.page(status, "text/html", page))) {
        Asking.assertFails(
            endpoint.model(),
            Kind.WRONG_ADDRESS,
            "does not answer as a model's endpoint: http://127.0.0.1:",
            "/v1/",
            "gives a web page titled 'Welcome to nginx!' (HTTP " + status + ")");
        assertThat(endpoint.requests()).hasSize(1);
      }
    }
    try (StubEndpoint endpoint =
        new StubEndpoint(provider, StubEndpoint.page(403, "text/html", page))) {
      Asking.assertFails(
          endpoint.model(), Kind.KEY_REFUSED, "what came is a web page titled 'Welcome to nginx!'");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {\"detail\": \"Not Found\"} | WRONG_ADDRESS | gives JSON (HTTP 404)",
        "404 | 404 page not found | WRONG_ADDRESS | gives text (HTTP 404)",
        "404 | '' | WRONG_ADDRESS | gives nothing (HTTP 404)",
        "404 | {\"object\": \"error\", \"message\": \"no model x\"} | UNKNOWN_MODEL | no model x",
        "200 | {\"choices\": []} | WRONG_ADDRESS | gives JSON (HTTP 200)",
        "200 | <rss/> | WRONG_ADDRESS | gives XML (HTTP 200)",
        "200 | {\"error\": \"no streams here\"} | REQUEST_REFUSED | no streams here",
      })
  void whatIsNoAnswerIsToldAsWhatItIs(int status, String body, Kind kind, String told) {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI,
            StubEndpoint.page(status, "application/json", body))) {
      Asking.assertFails(endpoint.model(), kind, told);
    }
  }
}
