package io.athena.procedures.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All settings of a server, read and checked. */
public record Configuration(
    ServerConfig server,
    DatabaseConfig database,
    SandboxConfig sandbox,
    ExecutionConfig executions,
    GenerationConfig generation) {
  /**
   * Puts the sources together.
   *
   * @param file YAML, or null for none
   * @param environment variables; those named like a setting count
   * @param flags values by key, which win
   * @throws ConfigException if a value or a key cannot be used
   */
  public static Configuration load(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags)
      throws ConfigException {
    Values values = Values.of(Settings.all(environment), file, environment, flags);
    return new Configuration(
        Sections.server(values),
        Sections.database(values),
        Sections.sandbox(values),
        Sections.executions(values),
        GenerationSection.read(values, environment));
  }
}
