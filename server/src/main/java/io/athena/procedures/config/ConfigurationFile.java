package io.athena.procedures.config;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The YAML file, of which every key must be known: a misspelt one would be silently without effect.
 */
final class ConfigurationFile {
  private ConfigurationFile() {}

  static Map<String, String> read(Path file, Set<String> known) throws ConfigException {
    Map<String, String> values = new HashMap<>();
    flatten(parse(file, text(file)), values);
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new ConfigException(
            "%s: there is no setting '%s'; %s".formatted(file, key, advice(key, known)));
      }
    }
    return values;
  }

  private static String text(Path file) throws ConfigException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException("the configuration file " + file + " does not exist", e);
    } catch (IOException e) {
      throw new ConfigException(
          "the configuration file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Config parse(Path file, String text) throws ConfigException {
    try {
      return Config.builder()
          .addSource(ConfigSources.create(text, MediaTypes.APPLICATION_X_YAML))
          .disableEnvironmentVariablesSource()
          .disableSystemPropertiesSource()
          .disableValueResolving()
          .disableKeyResolving()
          .build();
    } catch (io.helidon.config.ConfigException | ClassCastException e) {
      throw new ConfigException("%s is not valid YAML: %s".formatted(file, firstLine(e)), e);
    }
  }

  private static void flatten(Config node, Map<String, String> values) {
    switch (node.type()) {
      case OBJECT -> node.asNodeList().get().forEach(child -> flatten(child, values));
      case LIST ->
          values.put(
              node.key().toString(),
              node.asNodeList().get().stream()
                  .map(item -> item.asString().orElse(""))
                  .collect(Collectors.joining(",")));
      case VALUE -> values.put(node.key().toString(), node.asString().orElse(""));
      case MISSING -> {}
    }
  }

  private static String advice(String key, Set<String> known) {
    return known.stream()
        .filter(other ->
            other.startsWith(key + "-") || distance(key, other) <= Math.max(2, key.length() / 4))
        .min(
            Comparator.comparingInt((String other) -> distance(key, other))
                .thenComparing(String::compareTo))
        .map(nearest -> "the nearest is '" + nearest + "'")
        .orElse("server/README.md lists them");
  }

  /** Levenshtein distance. */
  private static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    for (int column = 0; column <= right.length(); column++) {
      previous[column] = column;
    }
    for (int row = 1; row <= left.length(); row++) {
      int[] current = new int[right.length() + 1];
      current[0] = row;
      for (int column = 1; column <= right.length(); column++) {
        int substitution =
            previous[column - 1] + (left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1);
        current[column] =
            Math.min(substitution, 1 + Math.min(previous[column], current[column - 1]));
      }
      previous = current;
    }
    return previous[right.length()];
  }

  private static String firstLine(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }
}
