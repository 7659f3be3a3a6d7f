package io.athena.procedures.generation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import io.athena.procedures.execution.ExecutionSettings;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.execution.SandboxClient;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.procedures.v1.InputFile;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.sandbox.v1.RunRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Runs generated code in real containers. */
final class Sandbox implements AutoCloseable {
  private final RealWorker worker = new RealWorker();

  Channel channel() {
    return worker.channel();
  }

  TrialRuns trials() {
    return new TrialRuns(
        new SandboxClient(Map.of("worker", worker.channel())),
        ExecutionSettings.defaults().defaultLimits());
  }

  /** Runs code as the procedure's, with those arguments. */
  Completed run(Procedure procedure, String code, Struct arguments) {
    return run(procedure, code, arguments, Map.of(), Map.of());
  }

  /**
   * The same with files in the workspace, and answers of tools by name, whatever they are called
   * with.
   */
  Completed run(
      Procedure procedure,
      String code,
      Struct arguments,
      Map<String, String> files,
      Map<String, Value> tools) {
    return run(
        procedure,
        code,
        arguments,
        files,
        call -> Objects.requireNonNull(tools.get(call.getName()), "no tool " + call.getName()));
  }

  /** The same with something that answers each call of a tool. */
  Completed run(
      Procedure procedure,
      String code,
      Struct arguments,
      Map<String, String> files,
      Function<ToolCall, Value> tools) {
    RunRequest.Start.Builder start =
        RunRequest.Start.newBuilder()
            .setExecutionId("test")
            .setCode(code)
            .setFileName("main.py")
            .setEntryPoint(procedure.getName())
            .setStdinClosed(true)
            .setServesTools(true)
            .setParameters(withDefaults(procedure, arguments))
            .setLimits(
                ExecutionSettings.defaults().defaultLimits().toBuilder()
                    .setCpuTime(Durations.fromSeconds(30)));
    files.forEach((name, content) ->
        start.addInputFiles(
            InputFile.newBuilder().setName(name).setData(ByteString.copyFromUtf8(content))));
    return worker.run(start.build(), tools);
  }

  private static Struct withDefaults(Procedure procedure, Struct arguments) {
    Struct.Builder all = Struct.newBuilder();
    procedure.getParametersList().stream()
        .filter(Parameter::hasDefaultValue)
        .forEach(parameter -> all.putFields(parameter.getName(), parameter.getDefaultValue()));
    return all.putAllFields(arguments.getFieldsMap()).build();
  }

  @Override
  public void close() throws IOException {
    worker.close();
  }
}
