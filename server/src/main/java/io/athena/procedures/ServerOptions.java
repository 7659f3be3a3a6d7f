package io.athena.procedures;

import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server is meant: options of all commands that have to do with one. */
final class ServerOptions {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on; 0 takes any free one, which is printed. Default: 7070.")
  private @Nullable String port;

  @Option(
      names = "--data-dir",
      paramLabel = "DIRECTORY",
      description = "Where the embedded database keeps its files. Default: ~/.local/share/athena.")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = "Use this PostgreSQL server instead of the embedded one.")
  private @Nullable String databaseUrl;

  @Option(names = "--config", paramLabel = "FILE", description = "YAML file with settings.")
  private @Nullable Path config;

  /** The settings with those of the flags, which are added to the ones given. */
  Configuration load(Map<String, String> flags) throws ConfigException {
    put(flags, "server.port", port);
    put(flags, "server.data-dir", dataDirectory);
    put(flags, "database.url", databaseUrl);
    return Configuration.load(config, System.getenv(), flags);
  }

  static void put(Map<String, String> flags, String key, @Nullable Object value) {
    if (value != null) {
      flags.put(key, value.toString());
    }
  }
}
