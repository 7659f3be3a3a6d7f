package io.athena.procedures.conformance;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients of all languages find the other transport no different. */
@Timeout(300)
final class NettyConformanceTest {
  private static Stage stage;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    stage = Stage.set(directory, "netty");
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
    return stage.play(LanguageClient.PYTHON);
  }

  @TestFactory
  Stream<DynamicTest> go() throws Exception {
    return stage.play(LanguageClient.GO);
  }

  @TestFactory
  Stream<DynamicTest> typescript() throws Exception {
    return stage.play(LanguageClient.TYPESCRIPT);
  }
}
