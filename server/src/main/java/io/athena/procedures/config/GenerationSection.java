package io.athena.procedures.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of the language model. */
final class GenerationSection {
  /** Not a setting, so that neither a file nor a flag can hold the key itself. */
  static final String KEY_VARIABLE = "ATHENA_GENERATION_API_KEY";

  private static final Duration LONGEST = Duration.ofDays(1);

  private GenerationSection() {}

  static GenerationConfig read(Values values, Map<String, String> environment)
      throws ConfigException {
    GenerationConfig config =
        new GenerationConfig(
            provider(values),
            values.text("generation.model"),
            baseUrl(values),
            key(values, environment),
            format(values),
            values.integer("generation.max-output-tokens", 256, 1_000_000),
            values.integer("generation.max-tokens", 1_000, 1_000_000_000),
            values.duration("generation.stall-timeout", Duration.ofMillis(100), LONGEST),
            values.duration("generation.call-timeout", Duration.ofMillis(100), LONGEST),
            values.integer("generation.retries", 0, 20));
    if (config.maxTokens() <= config.maxOutputTokens()) {
      throw new ConfigException(
          "generation.max-tokens is %d; it must be more than generation.max-output-tokens, %d, for the question is counted too"
              .formatted(config.maxTokens(), config.maxOutputTokens()));
    }
    if (!config.model().isEmpty() && config.baseUrl() == null && config.apiKey() == null) {
      throw new ConfigException(
          "generation.model is '"
              + config.model()
              + "', and there is no key for it: set "
              + KEY_VARIABLE
              + " or generation.api-key-file, or generation.base-url if its endpoint needs none");
    }
    return config;
  }

  private static GenerationConfig.Provider provider(Values values) throws ConfigException {
    String name = values.text("generation.provider");
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "anthropic" -> GenerationConfig.Provider.ANTHROPIC;
      case "openai" -> GenerationConfig.Provider.OPENAI;
      default ->
          throw new ConfigException(
              "generation.provider is '"
                  + name
                  + "'; it can be anthropic, or openai for OpenAI and whatever speaks as it does");
    };
  }

  private static GenerationConfig.AnswerFormat format(Values values) throws ConfigException {
    String name = values.text("generation.answer-format");
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "schema" -> GenerationConfig.AnswerFormat.SCHEMA;
      case "prompt" -> GenerationConfig.AnswerFormat.PROMPT;
      default ->
          throw new ConfigException(
              "generation.answer-format is '" + name + "'; it can be schema or prompt");
    };
  }

  private static @Nullable URI baseUrl(Values values) throws ConfigException {
    String text = values.text("generation.base-url");
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI url = new URI(text);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      throw new ConfigException("generation.base-url is no URL: " + e.getReason(), e);
    }
    throw new ConfigException(
        "generation.base-url must be http:// or https:// with a host and without a password");
  }

  /** The file wins, because somebody wrote its name down for this server. */
  private static @Nullable Secret key(Values values, Map<String, String> environment)
      throws ConfigException {
    String file = values.text("generation.api-key-file");
    String key = file.isEmpty() ? environment.getOrDefault(KEY_VARIABLE, "") : inFile(file);
    String bare = key.strip();
    if (!bare.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new ConfigException(
          (file.isEmpty() ? KEY_VARIABLE : "the file that generation.api-key-file names")
              + " holds more than a key: one line of visible ASCII characters is expected");
    }
    return bare.isEmpty() ? null : new Secret(bare);
  }

  private static String inFile(String file) throws ConfigException {
    String key;
    try {
      key = Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new ConfigException("generation.api-key-file is " + file + ", which cannot be read", e);
    }
    if (key.isBlank()) {
      throw new ConfigException("generation.api-key-file is " + file + ", which is empty");
    }
    return key;
  }
}
