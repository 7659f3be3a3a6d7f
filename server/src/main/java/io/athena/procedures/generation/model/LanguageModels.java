package io.athena.procedures.generation.model;

import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.athena.procedures.config.GenerationConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Makes models of settings. */
public final class LanguageModels {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  /** With the event around it, of which many endpoints send one for each token. */
  private static final int CHARS_OF_A_TOKEN = 1 << 10;

  private static final int CHARS_AROUND = 1 << 20;

  private LanguageModels() {}

  /**
   * The model that is configured, for the caller to close; empty if none is.
   *
   * @param random gives numbers from 0.0 to 1.0
   */
  public static Optional<CodeModel> of(GenerationConfig config, DoubleSupplier random) {
    return config.model().isEmpty()
        ? Optional.empty()
        : Optional.of(of(config, random, FIRST_PAUSE));
  }

  /** The same with the pause before an endpoint is asked again for the first time. */
  static CodeModel of(GenerationConfig config, DoubleSupplier random, Duration firstPause) {
    Failures failures = new Failures(config.model(), endpoint(config), config.apiKey());
    ModelHttpClient client =
        new ModelHttpClient(CHARS_AROUND + (long) CHARS_OF_A_TOKEN * config.maxOutputTokens());
    CodeModel model =
        new LangChainModel(
            config.model(),
            chatModel(config, new ModelHttpClientBuilder(client)),
            client,
            failures,
            config.stallTimeout(),
            config.callTimeout());
    return new RetryingModel(model, config.retries(), firstPause, random);
  }

  private static String endpoint(GenerationConfig config) {
    if (config.baseUrl() != null) {
      return config.baseUrl().getAuthority();
    }
    return switch (config.provider()) {
      case ANTHROPIC -> "Anthropic";
      case OPENAI -> "OpenAI";
    };
  }

  private static StreamingChatModel chatModel(
      GenerationConfig config, ModelHttpClientBuilder http) {
    String baseUrl = config.baseUrl() == null ? null : config.baseUrl().toString();
    boolean schema = config.answerFormat() == GenerationConfig.AnswerFormat.SCHEMA;
    return switch (config.provider()) {
      case ANTHROPIC -> {
        var builder =
            AnthropicStreamingChatModel.builder()
                .httpClientBuilder(http)
                // The library wants one; an endpoint of one's own may not.
                .apiKey(config.apiKey() == null ? "none" : config.apiKey().reveal())
                .modelName(config.model())
                .maxTokens(config.maxOutputTokens())
                .cacheSystemMessages(true);
        if (baseUrl != null) {
          builder.baseUrl(baseUrl);
        }
        if (schema) {
          builder.responseFormat(AnswerSchema.FORMAT);
        }
        yield builder.build();
      }
      case OPENAI -> {
        var builder =
            OpenAiStreamingChatModel.builder().httpClientBuilder(http).modelName(config.model());
        if (config.apiKey() != null) {
          builder.apiKey(config.apiKey().reveal());
        }
        if (baseUrl == null) {
          // OpenAI's newer models know only this name, others' endpoints only the older one.
          builder.maxCompletionTokens(config.maxOutputTokens());
        } else {
          builder.baseUrl(baseUrl).maxTokens(config.maxOutputTokens());
        }
        if (schema) {
          builder.responseFormat(AnswerSchema.FORMAT).strictJsonSchema(true);
        }
        yield builder.build();
      }
    };
  }
}
