package io.athena.procedures.config;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values by key, with the types that settings have. */
final class Values {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(B|KiB|MiB|GiB)?");

  private final Config config;

  private Values(Config config) {
    this.config = config;
  }

  /** The first source that has a key wins: flags, environment, file, defaults. */
  static Values of(
      List<Setting> settings,
      @Nullable Path file,
      Map<String, String> environment,
      Map<String, String> flags)
      throws ConfigException {
    Map<String, String> defaults =
        settings.stream().collect(Collectors.toMap(Setting::key, Setting::defaultValue));
    Map<String, String> variables = new HashMap<>();
    for (Setting setting : settings) {
      String value = environment.get(setting.variable());
      if (value != null) {
        variables.put(setting.key(), value);
      }
    }
    Map<String, String> inFile =
        file == null ? Map.of() : ConfigurationFile.read(file, defaults.keySet());
    Config config =
        Config.builder()
            .addSource(ConfigSources.create(flags, "flags"))
            .addSource(ConfigSources.create(variables, "environment"))
            .addSource(ConfigSources.create(inFile, "file"))
            .addSource(ConfigSources.create(defaults, "defaults"))
            .disableEnvironmentVariablesSource()
            .disableSystemPropertiesSource()
            // A password may hold "${".
            .disableValueResolving()
            .disableKeyResolving()
            .build();
    return new Values(config);
  }

  String text(String key) {
    return config.get(key).asString().orElse("").strip();
  }

  int integer(String key, int least, int most) throws ConfigException {
    String text = text(key);
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new ConfigException(
          "%s is '%s'; it must be a whole number from %d to %d".formatted(key, text, least, most),
          e);
    }
    throw new ConfigException(
        "%s is %s; it must be from %d to %d".formatted(key, text, least, most));
  }

  Duration duration(String key, Duration least, Duration most) throws ConfigException {
    String text = text(key);
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      Duration value =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
        return value;
      }
    }
    throw new ConfigException(
        "%s is '%s'; it must be a time such as 500ms, 20s, 5m or 24h, at least %d ms and at most %d days"
            .formatted(key, text, least.toMillis(), most.toDays()));
  }

  /** In bytes. */
  long size(String key, long least, long most) throws ConfigException {
    String text = text(key);
    Matcher matcher = SIZE.matcher(text);
    if (matcher.matches()) {
      String unit = matcher.group(2) == null ? "B" : matcher.group(2);
      int shift =
          switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
          };
      long value = Long.parseLong(matcher.group(1)) << shift;
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw new ConfigException(
        "%s is '%s'; it must be a size such as 512KiB or 16MiB, from %d to %d bytes"
            .formatted(key, text, least, most));
  }
}
