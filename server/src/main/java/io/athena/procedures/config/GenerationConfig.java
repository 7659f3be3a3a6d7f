package io.athena.procedures.config;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which language model writes code.
 *
 * @param provider whose protocol its endpoint speaks
 * @param model its name; empty for none
 * @param baseUrl where the endpoint is, or null for the provider's own
 * @param apiKey the key, or null for none
 * @param answerFormat how the model is held to a form of answer
 * @param maxOutputTokens longest answer
 * @param maxTokens tokens, read and written, after which one generation asks no more
 * @param stallTimeout how long it may say nothing
 * @param callTimeout longest time of one answer
 * @param retries how often an endpoint that is busy or failing is asked again
 */
public record GenerationConfig(
    Provider provider,
    String model,
    @Nullable URI baseUrl,
    @Nullable Secret apiKey,
    AnswerFormat answerFormat,
    int maxOutputTokens,
    int maxTokens,
    Duration stallTimeout,
    Duration callTimeout,
    int retries) {

  /** Whose protocol an endpoint speaks. */
  public enum Provider {
    /** Anthropic's messages. */
    ANTHROPIC,
    /** OpenAI's chat completions, which Ollama, vLLM and llama.cpp speak too. */
    OPENAI
  }

  /** How the model is held to a form of answer. */
  public enum AnswerFormat {
    /** The endpoint gets a JSON schema and lets the model write nothing else. */
    SCHEMA,
    /** The prompt alone asks for it. */
    PROMPT
  }
}
