package io.athena.procedures;

import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.doctor.Check;
import io.athena.procedures.doctor.Doctor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code athena doctor}: what this machine has, and what it lacks. */
@Command(
    name = "doctor",
    description = {
      "Says what this machine has and what it lacks to run the server, with the command that mends it.",
      "Changes nothing. Exit code: 0 if nothing is missing, else 1. That no server runs is told and is no fault."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--port", paramLabel = "PORT", description = "Port of the server. Default: 7070.")
  private @Nullable Integer port;

  @Option(
      names = "--data-dir",
      paramLabel = "DIRECTORY",
      description = "Where the embedded database keeps its files.")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = "The PostgreSQL server that is used instead of the embedded one.")
  private @Nullable String databaseUrl;

  @Option(names = "--config", paramLabel = "FILE", description = "YAML file with settings.")
  private @Nullable Path config;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Override
  public Integer call() throws ConfigException {
    Map<String, String> flags = new LinkedHashMap<>();
    if (port != null) {
      flags.put("server.port", port.toString());
    }
    if (dataDirectory != null) {
      flags.put("server.data-dir", dataDirectory.toString());
    }
    if (databaseUrl != null) {
      flags.put("database.url", databaseUrl);
    }
    Configuration configuration = Configuration.load(config, System.getenv(), flags);
    List<Check> checks =
        new Doctor(configuration, SandboxWorkers.workerConfig(configuration.sandbox())).examine();
    checks.forEach(check -> System.out.println(json ? json(check) : check.forPeople()));
    return checks.stream().anyMatch(check -> check.state() == Check.State.MISSING) ? 1 : 0;
  }

  private static String json(Check check) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("name", check.name());
    values.put("state", check.state().name().toLowerCase(Locale.ROOT));
    values.put("detail", check.detail());
    values.put("remedy", check.remedy());
    return JsonMapper.shared().writeValueAsString(values);
  }
}
