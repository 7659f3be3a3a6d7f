package io.athena.procedures.generation.model;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.anthropic.internal.api.AnthropicStreamingException;
import io.athena.procedures.config.Secret;
import io.athena.procedures.generation.model.ModelException.Kind;
import io.athena.procedures.procedure.TextRules;
import org.jspecify.annotations.Nullable;

/** What the failures of an endpoint mean, in words without the key. */
final class Failures {
  private static final int MOST_CHARS_OF_A_MESSAGE = 300;

  private final String model;
  private final String endpoint;
  private final @Nullable Secret key;

  /**
   * Of one endpoint.
   *
   * @param endpoint as people know it, such as "api.anthropic.com"
   */
  Failures(String model, String endpoint, @Nullable Secret key) {
    this.model = model;
    this.endpoint = endpoint;
    this.key = key;
  }

  ModelException brokenOff() {
    return new ModelException(Kind.BROKEN_OFF, who() + " broke off its answer");
  }

  ModelException timedOut(String what) {
    return new ModelException(Kind.TIMED_OUT, who() + " " + what);
  }

  ModelException of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case HttpException http -> {
          return ofStatus(http);
        }
        case AnthropicStreamingException event -> {
          return new ModelException(
              Kind.BUSY, who() + " failed in the midst of its answer" + said(event.getMessage()));
        }
        case EventStream.UnreadableEventException event -> {
          return new ModelException(Kind.BROKEN_OFF, who() + ": " + event.getMessage());
        }
        case EventStream.TooLongException answer -> {
          return new ModelException(Kind.TOO_LONG, who() + " " + answer.getMessage());
        }
        case ModelHttpClient.ConnectionException connection -> {
          return connection.isAnswering()
              ? brokenOff()
              : new ModelException(
                  Kind.OUT_OF_REACH,
                  who()
                      + " cannot be reached: "
                      + withoutKey(String.valueOf(connection.getCause())));
        }
        default -> {}
      }
    }
    // What else there is comes from what the endpoint sent, and may repeat the prompt.
    return new ModelException(
        Kind.BROKEN_OFF,
        who()
            + " sent what its protocol does not have ("
            + failure.getClass().getSimpleName()
            + ")");
  }

  private ModelException ofStatus(HttpException http) {
    int status = http.statusCode();
    if (http instanceof EndpointException answer) {
      if (status / 100 == 3) {
        return new ModelException(
            Kind.WRONG_ADDRESS,
            "%s sends one elsewhere (HTTP %d)%s; that is not followed, because the key is for it alone"
                .formatted(
                    who(),
                    status,
                    answer.location().isEmpty() ? "" : ", to " + shown(answer.location())));
      }
      boolean isNoError = status / 100 == 2 || status == 404 || status == 405;
      if (isNoError && answer.body().message().isBlank()) {
        return new ModelException(
            Kind.WRONG_ADDRESS,
            "%s does not answer as a model's endpoint: %s gives %s (HTTP %d)"
                .formatted(who(), answer.asked(), answer.body().form(), status));
      }
      return new ModelException(kind(status), what(status) + said(answer), answer.retryAfter());
    }
    return new ModelException(kind(status), what(status) + said(http.getMessage()));
  }

  private String what(int status) {
    String what =
        switch (status) {
          case 401, 403 -> "does not accept the key";
          case 404 -> "has no such model, or nothing is at its address";
          case 408, 429, 529 -> "is busy";
          case 409, 425 -> "does not take the request now";
          default -> status >= 500 ? "has a fault" : "refuses the request";
        };
    return who() + " " + what + " (HTTP " + status + ")";
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 401, 403 -> Kind.KEY_REFUSED;
      case 404 -> Kind.UNKNOWN_MODEL;
      case 408, 409, 425, 429 -> Kind.BUSY;
      default -> status >= 500 ? Kind.BUSY : Kind.REQUEST_REFUSED;
    };
  }

  private String said(EndpointException answer) {
    return answer.body().form().startsWith("a web page")
        ? "; what came is " + shown(answer.body().form())
        : said(answer.body().message());
  }

  private String who() {
    return "the model " + model + " at " + endpoint;
  }

  /** Cut after the key is taken out: a part of the key would not be found any more. */
  private String said(@Nullable String message) {
    return message == null || message.isBlank() ? "" : ": " + shown(message.strip());
  }

  private String shown(String text) {
    return TextRules.shortened(withoutKey(text), MOST_CHARS_OF_A_MESSAGE);
  }

  private String withoutKey(String text) {
    return key == null ? text : key.removedFrom(text);
  }
}
