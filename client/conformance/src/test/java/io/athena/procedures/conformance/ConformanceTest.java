package io.athena.procedures.conformance;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients of all languages behave as the scenarios say, with a server as users start it, and
 * their code is as their checks want it. A language that the machine lacks is skipped.
 */
@Timeout(300)
final class ConformanceTest {
  private static Stage stage;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    stage = Stage.set(directory, "helidon");
  }

  @AfterAll
  static void strike() throws Exception {
    stage.strike();
  }

  @TestFactory
  Stream<DynamicTest> java() {
    return stage.playInJava();
  }

  @TestFactory
  Stream<DynamicTest> python() throws Exception {
    return checkAndPlay(LanguageClient.PYTHON);
  }

  @TestFactory
  Stream<DynamicTest> go() throws Exception {
    return checkAndPlay(LanguageClient.GO);
  }

  @TestFactory
  Stream<DynamicTest> typescript() throws Exception {
    return checkAndPlay(LanguageClient.TYPESCRIPT);
  }

  private static Stream<DynamicTest> checkAndPlay(LanguageClient client) throws Exception {
    Stream<DynamicTest> scenarios = stage.play(client);
    return client.generate().isEmpty()
        ? Stream.concat(scenarios, Stream.of(dynamicTest("its code", client::check)))
        : scenarios;
  }
}
