package io.athena.procedures.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What the scenarios are played on: a server, and a way to it over connections that break. */
record Stage(ServerProcess server, BreakingProxy proxy) {
  private static final Path SCENARIOS = Repository.client("conformance").resolve("scenarios.yaml");
  private static final Scenarios ALL = Scenarios.read(SCENARIOS);
  private static final String TOKEN = "token-of-the-conformance-test";

  /**
   * Starts both.
   *
   * @param directory where the server keeps its files
   * @param transport the server's {@code server.grpc.transport}
   */
  static Stage set(Path directory, String transport) throws IOException {
    Map<String, String> settings = new HashMap<>(ALL.settings());
    settings.put("server.grpc.transport", transport);
    settings.put("server.http-port", "0");
    ServerProcess server = ServerProcess.start(directory, TOKEN, settings);
    return new Stage(server, BreakingProxy.start(server.port()));
  }

  /**
   * Lets a client play all scenarios, each of which is a test then; or gives one test that is
   * skipped, where the machine lacks the language.
   */
  Stream<DynamicTest> play(LanguageClient client) throws IOException, InterruptedException {
    String missing = client.generate();
    if (!missing.isEmpty()) {
      // Were the factory itself to be skipped, nobody would report it.
      return Stream.of(dynamicTest("the language is there", () -> abort(missing)));
    }
    List<Result> results =
        client.play(
            SCENARIOS,
            Map.of(
                "ATHENA_SERVER", server.address(),
                "ATHENA_BREAKING_SERVER", proxy.address(),
                "ATHENA_TOKEN", TOKEN));
    assertThat(results).hasSameSizeAs(ALL.scenarios());
    return results.stream()
        .map(result ->
            dynamicTest(
                result.scenario(),
                () -> assertThat(result.passed()).as(result.explanation()).isTrue()));
  }

  /** Plays all scenarios with the Java library, each of which is a test. */
  Stream<DynamicTest> playInJava() {
    return ALL.scenarios().stream()
        .map(scenario ->
            dynamicTest(
                scenario.required("name").asString(),
                () -> {
                  try (JavaPlayer player =
                      new JavaPlayer(server.address(), proxy.address(), TOKEN)) {
                    player.play(scenario.required("steps"));
                  }
                }));
  }

  /** Stops both; fails as {@link ServerProcess#stop} does. */
  void strike() throws IOException, InterruptedException {
    proxy.close();
    server.stop();
  }
}
