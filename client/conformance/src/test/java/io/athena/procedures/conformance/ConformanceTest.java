package io.athena.procedures.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients of all languages behave as the scenarios say. A language that the machine lacks is
 * skipped.
 */
@Timeout(300)
final class ConformanceTest {
  private static final Path SCENARIOS = Repository.client("conformance").resolve("scenarios.yaml");
  private static final String TOKEN = "token-of-the-conformance-test";

  private static final Scenarios ALL = Scenarios.read(SCENARIOS);

  private static ServerProcess server;
  private static BreakingProxy proxy;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = ServerProcess.start(directory, TOKEN, ALL.settings());
    proxy = BreakingProxy.start(server.port());
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    server.stop();
  }

  @TestFactory
  Stream<DynamicTest> python() throws Exception {
    return play(LanguageClient.in("python", "target/venv/bin/python", "-m", "conformance"));
  }

  @TestFactory
  Stream<DynamicTest> go() throws Exception {
    return play(LanguageClient.in("go", "go", "run", "./conformance"));
  }

  private Stream<DynamicTest> play(LanguageClient client) throws Exception {
    LanguageClient.Outcome generated = client.generate();
    if (generated.exitCode() == LanguageClient.SOMETHING_IS_MISSING) {
      abort(generated.said());
    }
    assertThat(generated.exitCode()).as(generated.said()).isZero();
    List<Result> results =
        client.play(
            SCENARIOS,
            Map.of(
                "ATHENA_SERVER", server.address(),
                "ATHENA_BREAKING_SERVER", proxy.address(),
                "ATHENA_TOKEN", TOKEN));
    assertThat(results).hasSameSizeAs(ALL.scenarios());
    return Stream.concat(
        Stream.of(
            dynamicTest(
                "format, style and types",
                () -> {
                  LanguageClient.Outcome checked = client.check();
                  assertThat(checked.exitCode()).as(checked.said()).isZero();
                })),
        results.stream()
            .map(result ->
                dynamicTest(
                    result.scenario(),
                    () -> assertThat(result.passed()).as(result.explanation()).isTrue())));
  }
}
