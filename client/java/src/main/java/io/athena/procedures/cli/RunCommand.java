package io.athena.procedures.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.client.InteractiveExecution;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.InputFile;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a procedure. */
@Command(
    name = "run",
    description = {
      "Run a procedure and show what it writes as it writes it.",
      "Its standard output and standard error come out byte for byte on the same streams; what",
      "the command itself says (outcome, result, progress) goes to standard error. Ctrl-C ends",
      "the run. Exit code: 0 success, 1 failure, 3 skipped (no code).",
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} run greet -p name=Ada",
      "  ${ROOT-COMMAND-NAME} run word_statistics --file README.md -p path=README.md",
      "  ${ROOT-COMMAND-NAME} run 3 -p text=@notes.txt -p 'options={\"top\": 5}' --result | jq .total",
      "  ${ROOT-COMMAND-NAME} run commit_changes -p message=Fix --tool git.commit='jq -r .message | git commit -F -'",
      "  produce | ${ROOT-COMMAND-NAME} run filter --stdin --timeout 5m > filtered",
    })
final class RunCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Option(
      names = {"-p", "--parameter"},
      paramLabel = "KEY=VALUE",
      description =
          "An argument, read by the type the procedure declares; KEY=@FILE reads the value from a"
              + " file, KEY=@@TEXT begins it with @.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--params-json",
      paramLabel = "JSON",
      description = "All arguments as one JSON object; -p goes before it.")
  private @Nullable String argumentsJson;

  @Option(
      names = "--file",
      paramLabel = "[NAME=]PATH",
      description = "A file for the program's workspace; NAME is its path there.")
  private List<String> files = new ArrayList<>();

  @Option(names = "--stdin", description = "Give this command's standard input to the program.")
  private boolean stdin;

  @Option(
      names = "--tool",
      paramLabel = "NAME=COMMAND",
      description =
          "Serve a tool that the program calls by a shell command of this machine: it gets the"
              + " arguments as JSON on standard input, and what it writes is the answer.")
  private Map<String, String> tools = new LinkedHashMap<>();

  @Option(
      names = "--at",
      paramLabel = "VERSION",
      description = "Run this version of the code, such as v3; else the current one.")
  private String version = "";

  @Option(
      names = "--environment",
      paramLabel = "NAME",
      description =
          "Run it in this environment: python (the default), data (numpy and pandas), or another"
              + " one that the service has.")
  private String environment = "";

  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "Repeating a run with the same id shows the first and never runs twice.")
  private String requestId = "";

  @Option(
      names = {"-q", "--quiet"},
      description = "Show the program's output and nothing else.")
  private boolean quiet;

  @Option(
      names = "--result",
      description =
          "Print the result as JSON on standard output and nothing else there; what the program"
              + " writes goes to standard error.")
  private boolean resultOnly;

  @Override
  int run(AthenaClient client) throws IOException {
    ExecuteProcedureRequest request = request(procedure(client, idOrName));
    EventPrinter printer = new EventPrinter(terminal(), form());
    try (RunGuard guard = new RunGuard(client)) {
      if (!stdin && tools.isEmpty()) {
        try (ExecutionStream events = client.executeProcedure(request)) {
          return printer.printAll(events, guard);
        }
      }
      try (InteractiveExecution execution = client.runProcedure(request)) {
        if (stdin) {
          StdinPump.start(terminal().in(), execution);
        } else {
          execution.closeStdin();
        }
        return printer.printAll(
            execution.events(), guard.andThen(new ToolServer(tools, execution)));
      }
    }
  }

  private EventPrinter.Form form() {
    if (json()) {
      return EventPrinter.Form.JSON;
    }
    if (resultOnly) {
      return EventPrinter.Form.RESULT;
    }
    return quiet ? EventPrinter.Form.QUIET : EventPrinter.Form.FULL;
  }

  private ExecuteProcedureRequest request(Procedure procedure) {
    ExecuteProcedureRequest.Builder request =
        ExecuteProcedureRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setVersion(version)
            .setParameters(parameters(procedure))
            .setLimits(limits.limits())
            .setEnvironment(environment)
            .setRequestId(requestId);
    for (String file : files) {
      int equals = file.indexOf('=');
      Path path = Path.of(file.substring(equals + 1));
      String name = equals > 0 ? file.substring(0, equals) : String.valueOf(path.getFileName());
      request.addInputFiles(
          InputFile.newBuilder().setName(name).setData(ByteString.copyFrom(readBytes(path))));
    }
    return request.build();
  }

  private Struct parameters(Procedure procedure) {
    Struct.Builder parameters = Struct.newBuilder();
    if (argumentsJson != null) {
      parameters.mergeFrom(object(argumentsJson));
    }
    Map<String, ParameterType> types =
        procedure.getParametersList().stream()
            .collect(Collectors.toMap(Parameter::getName, Parameter::getType));
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw usage("'" + argument + "' is not of the form KEY=VALUE");
      }
      String name = argument.substring(0, equals);
      ParameterType type = types.getOrDefault(name, ParameterType.PARAMETER_TYPE_UNSPECIFIED);
      try {
        parameters.putFields(
            name, TypedValues.read(name, type, text(argument.substring(equals + 1))));
      } catch (IllegalArgumentException e) {
        throw usage(Errors.told(e), e);
      }
    }
    return parameters.build();
  }

  private Struct object(String json) {
    try {
      Value value = Json.value(json);
      if (value.hasStructValue()) {
        return value.getStructValue();
      }
    } catch (BadJsonException e) {
      throw usage("--params-json: " + Errors.told(e), e);
    }
    throw usage("--params-json is JSON, but no object such as {\"name\": \"Ada\"}");
  }

  private String text(String value) {
    if (value.startsWith("@@")) {
      return value.substring(1);
    }
    return value.startsWith("@") ? read(Path.of(value.substring(1))) : value;
  }
}
