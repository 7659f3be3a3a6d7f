package io.athena.procedures.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.GenerationConfig;
import io.athena.procedures.generation.model.ModelException.Kind;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked again, and when, over real HTTP. */
final class ModelRetriesTest {
  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void whoIsBusyIsAskedAgainWhenItSays(GenerationConfig.Provider provider) throws Exception {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            provider,
            StubEndpoint.status(429, "slow down", "1"),
            StubEndpoint.status(503, "overloaded", ""),
            StubEndpoint.answer("{}"))) {
      Asking.Told told = new Asking.Told();
      long begin = System.nanoTime();

      assertThat(endpoint.model().ask(Asking.PROMPT, told).text()).isEqualTo("{}");

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
      Asking.assertFails(endpoint.model(), Kind.BUSY, "HTTP 500");
      assertThat(endpoint.requests()).hasSize(3);
    }
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI, StubEndpoint.status(429, "tomorrow", "86400"))) {
      Asking.assertFails(
          endpoint.model(), Kind.BUSY, "tomorrow; it asks to be left alone for 24 h 0 min");
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 413})
  void whatWillNotBecomeBetterIsNotRepeated(int status) {
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.ANTHROPIC, StubEndpoint.status(status, "no", ""))) {
      Asking.assertFails(
          endpoint.model(),
          status == 404 ? Kind.UNKNOWN_MODEL : Kind.REQUEST_REFUSED,
          "HTTP " + status);
      assertThat(endpoint.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 425})
  void whatCannotBeTakenNowIsNotCalledRefused(int status) {
    try (StubEndpoint endpoint =
        new StubEndpoint(GenerationConfig.Provider.OPENAI, StubEndpoint.status(status, "", ""))) {
      Asking.assertFails(
          endpoint.model(), Kind.BUSY, "does not take the request now (HTTP " + status + ")");
      assertThat(endpoint.requests()).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void anAnswerThatBreaksOffOrCannotBeReadIsNoAnswer(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint =
        new StubEndpoint(provider, StubEndpoint.broken("{\"code\": \"half"))) {
      Asking.assertFails(endpoint.model(), Kind.BROKEN_OFF, "broke off its answer");
      assertThat(endpoint.requests()).hasSize(3);
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.garbled())) {
      Asking.assertFails(endpoint.model(), Kind.BROKEN_OFF, "its protocol");
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
      Asking.Told told = new Asking.Told();

      assertThat(endpoint.model().ask(Asking.PROMPT, told).text()).isEqualTo("whole");

      assertThat(told.text.toString()).isEqualTo("whole");
      assertThat(told.again)
          .extracting(ModelException::kind)
          .containsExactly(Kind.BUSY, Kind.BROKEN_OFF);
      assertThat(told.notes).hasSize(2);
      assertThat(endpoint.requests().get(2)).isEqualTo(endpoint.requests().get(0));
    }
  }

  @ParameterizedTest
  @EnumSource(GenerationConfig.Provider.class)
  void silenceIsNotWaitedForLongerThanIsSet(GenerationConfig.Provider provider) {
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.stall())) {
      Asking.assertFails(
          endpoint.model(Asking.withTimes(endpoint, Duration.ofMillis(300), Duration.ofMinutes(1))),
          Kind.TIMED_OUT,
          "said nothing for 0.300 s");
    }
    try (StubEndpoint endpoint = new StubEndpoint(provider, StubEndpoint.endless())) {
      Asking.assertFails(
          endpoint.model(Asking.withTimes(endpoint, Duration.ofMinutes(1), Duration.ofMillis(500))),
          Kind.TIMED_OUT,
          "did not end its answer within 0.500 s");
    }
  }

  @Test
  void aDateToComeAgainIsComparedWithTheEndpointsOwnClock() {
    String halfAnHourOn =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(30));
    try (StubEndpoint endpoint =
        new StubEndpoint(
            GenerationConfig.Provider.OPENAI,
            StubEndpoint.page(429, "application/json", "{}", "Retry-After", halfAnHourOn))) {
      assertThatThrownBy(() -> Asking.ask(endpoint.model()))
          .isInstanceOfSatisfying(
              ModelException.class,
              failure ->
                  assertThat(failure.retryAfter().orElseThrow())
                      .isBetween(Duration.ofMinutes(25), Duration.ofMinutes(30)))
          .hasMessageMatching(".*is busy \\(HTTP 429\\); it asks to be left alone for \\d+ min");
      assertThat(endpoint.requests()).hasSize(1);
    }
  }
}
