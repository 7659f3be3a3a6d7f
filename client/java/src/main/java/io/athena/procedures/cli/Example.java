package io.athena.procedures.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import io.athena.procedures.v1.InputFile;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A procedure that comes with the repository: its definition, its code, and a call of it.
 *
 * @param definition as it is to be remembered
 * @param code Python
 * @param call how it is called, in words
 * @param parameters of the call
 * @param files for the workspace
 * @param fails whether the call is meant to end with a failure
 */
record Example(
    Procedure definition,
    String code,
    String call,
    Struct parameters,
    List<InputFile> files,
    boolean fails) {

  /** The five of them. */
  static List<Example> all(Path repository) throws IOException {
    return List.of(
        read(repository, "word_statistics", "{\"path\": \"README.md\", \"top\": 5}", "README.md"),
        read(
            repository,
            "csv_summary",
            "{\"path\": \"sales.csv\", \"group_by\": \"store\", \"total_of\": \"revenue\"}",
            "examples/csv_summary/sales.csv"),
        read(
            repository,
            "reshape_json",
            "{\"path\": \"orders.json\"}",
            "examples/reshape_json/orders.json"),
        read(
            repository,
            "log_intervals",
            "{\"path\": \"service.log\", \"gap_minutes\": 60}",
            "examples/log_intervals/service.log"),
        read(
            repository,
            "run_unit_tests",
            "{}",
            "examples/run_unit_tests/durations.py",
            "examples/run_unit_tests/test_durations.py"));
  }

  private static Example read(Path repository, String name, String parameters, String... files)
      throws IOException {
    Path folder = repository.resolve("examples").resolve(name);
    List<InputFile> inputs = new ArrayList<>();
    StringBuilder call = new StringBuilder(Launcher.name() + " run " + name);
    for (String file : files) {
      Path path = repository.resolve(file);
      call.append(" --file ").append(file);
      inputs.add(
          InputFile.newBuilder()
              .setName(path.getFileName().toString())
              .setData(ByteString.copyFrom(Files.readAllBytes(path)))
              .build());
    }
    Struct arguments = Json.merge(parameters, Struct.newBuilder()).build();
    arguments
        .getFieldsMap()
        .forEach((key, value) ->
            call.append(" -p ")
                .append(key)
                .append('=')
                .append(value.hasStringValue() ? value.getStringValue() : Json.of(value)));
    return new Example(
        Json.merge(Files.readString(folder.resolve("procedure.json")), Procedure.newBuilder())
            .build(),
        Files.readString(folder.resolve("main.py")),
        call.toString(),
        arguments,
        inputs,
        name.equals("run_unit_tests"));
  }
}
