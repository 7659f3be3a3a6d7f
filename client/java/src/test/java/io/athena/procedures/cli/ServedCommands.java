package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.athena.procedures.system.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives a class of tests a real server, and runs commands against it. Not thread-safe. */
final class ServedCommands implements BeforeAllCallback, AfterAllCallback {
  @SuppressWarnings("NullAway.Init") // Made before all tests.
  private Path directory;

  @SuppressWarnings("NullAway.Init") // Started before all tests.
  private RunningServer server;

  private CapturedTerminal last = CapturedTerminal.plain();

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("athena-commands");
    server = RunningServer.start(directory);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    server.stop();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** For files of the tests. */
  Path directory() {
    return directory;
  }

  /** Host and port of the server. */
  String address() {
    return server.address();
  }

  /** Stores a procedure with code. */
  void remember(String name, String code, String... options) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".py"), code);
    List<String> arguments = new ArrayList<>(List.of("remember", name, "--code", file.toString()));
    arguments.addAll(List.of(options));
    ask(arguments.toArray(String[]::new));
  }

  /** Runs a command and gives its exit code; what it writes is kept until the next one. */
  int run(String... arguments) {
    last = CapturedTerminal.plain();
    return execute(last, arguments);
  }

  /** What the last command that was {@link #run} wrote to standard output. */
  String out() {
    return last.out();
  }

  byte[] outBytes() {
    return last.outBytes();
  }

  /** What it wrote to standard error. */
  String err() {
    return last.err();
  }

  /** Runs a command that must end well, and gives what it wrote to standard output. */
  String ask(String... arguments) {
    return askWithInput("", arguments);
  }

  String askWithInput(String input, String... arguments) {
    CapturedTerminal terminal = new CapturedTerminal(input, false);
    int code = execute(terminal, arguments);
    assertThat(code).as("%s%n%s", String.join(" ", arguments), terminal.err()).isZero();
    return terminal.out();
  }

  private int execute(CapturedTerminal terminal, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(server.address());
    return Main.execute(terminal.terminal(), all.toArray(String[]::new));
  }

  static Struct json(String text) throws BadJsonException {
    return Json.merge(text, Struct.newBuilder()).build();
  }
}
