package io.athena.procedures;

import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.doctor.Check;
import io.athena.procedures.doctor.Doctor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Override
  public Integer call() throws ConfigException {
    Configuration configuration = server.load(new LinkedHashMap<>());
    List<Check> checks =
        new Doctor(
                configuration,
                SandboxWorkers.workerConfig(configuration.sandbox()),
                Startup.command())
            .examine();
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
