package io.athena.procedures.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationTest {
  private static final Map<String, String> HOME = Map.of("HOME", "/home/somebody");

  @TempDir private Path directory;

  private Path file(String text) throws Exception {
    return Files.writeString(directory.resolve("athena.yaml"), text);
  }

  @Test
  void defaultsAreThese() throws Exception {
    assertThat(Configuration.load(null, HOME, Map.of()))
        .isEqualTo(
            new Configuration(
                new ServerConfig(
                    InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                    7070,
                    7071,
                    Path.of("/home/somebody/.local/share/athena"),
                    new ServerConfig.Grpc(
                        ServerConfig.Transport.HELIDON,
                        16 * 1024 * 1024,
                        1000,
                        Duration.ofHours(24),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(90)),
                    new ServerConfig.Git(
                        8, 64 * 1024 * 1024, Duration.ofSeconds(60), Duration.ofHours(1)),
                    new ServerConfig.Shutdown(Duration.ZERO, Duration.ofSeconds(20)),
                    null,
                    null),
                new DatabaseConfig(null),
                new SandboxConfig(
                    List.of(),
                    null,
                    null,
                    "runc",
                    Path.of("/usr/bin/python3"),
                    null,
                    Path.of("/run/athena-sandbox"),
                    0,
                    List.of("data=numpy+pandas")),
                new ExecutionConfig(Duration.ofDays(365), 0, 256, Duration.ofSeconds(30)),
                new GenerationConfig(
                    GenerationConfig.Provider.ANTHROPIC,
                    "",
                    null,
                    null,
                    GenerationConfig.AnswerFormat.SCHEMA,
                    8_192,
                    200_000,
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(10),
                    3)));
  }

  @Test
  void theKeyOfTheModelComesFromTheEnvironmentOrAFileAndIsShownNowhere() throws Exception {
    String key = "sk-0123456789";
    Map<String, String> model =
        Map.of("generation.model", "m", "generation.base-url", "http://localhost:1/v1");
    GenerationConfig inEnvironment =
        Configuration.load(null, Map.of("HOME", "/h", "ATHENA_GENERATION_API_KEY", key), model)
            .generation();
    GenerationConfig inFile =
        Configuration.load(
                file("generation:\n  model: m\n  api-key-file: " + keyFile(key + "\n")),
                HOME,
                Map.of())
            .generation();

    assertThat(inEnvironment.apiKey()).extracting(Secret::reveal).isEqualTo(key);
    assertThat(inFile.apiKey()).extracting(Secret::reveal).isEqualTo(key);
    assertThat(inFile.toString()).contains("[secret]").doesNotContain(key);
    assertThatThrownBy(
            () -> Configuration.load(file("generation:\n  api-key: " + key), HOME, Map.of()))
        .hasMessageContaining("there is no setting 'generation.api-key'")
        .hasMessageContaining("generation.api-key-file")
        .hasMessageNotContaining(key);
    Path two = keyFile(key + "\nsecond line\n");
    assertThatThrownBy(
            () -> Configuration.load(null, HOME, Map.of("generation.api-key-file", two.toString())))
        .hasMessageContaining("holds more than a key")
        .hasMessageNotContaining(key);
  }

  @Test
  void aModelThatCannotBeAskedIsToldAtTheStart() {
    assertThatThrownBy(() -> Configuration.load(null, HOME, Map.of("generation.model", "m")))
        .hasMessageContaining("there is no key")
        .hasMessageContaining("ATHENA_GENERATION_API_KEY");
    for (String url : List.of("localhost:11434", "http://user:password@host/v1", "ftp://host/")) {
      assertThatThrownBy(() -> Configuration.load(null, HOME, Map.of("generation.base-url", url)))
          .hasMessageContaining("generation.base-url")
          .hasMessageNotContaining("password@");
    }
    assertThatThrownBy(() -> Configuration.load(null, HOME, Map.of("generation.provider", "hal")))
        .hasMessageContaining("anthropic, or openai");
  }

  private Path keyFile(String text) throws Exception {
    return Files.writeString(directory.resolve("key"), text);
  }

  @Test
  void theDataDirectoryFollowsTheXdgSpecification() throws Exception {
    assertThat(
            Configuration.load(null, Map.of("XDG_DATA_HOME", "/data"), Map.of())
                .server()
                .dataDirectory())
        .isEqualTo(Path.of("/data/athena"));
  }

  @Test
  void flagsBeatTheEnvironmentWhichBeatsTheFileWhichBeatsDefaults() throws Exception {
    Path file =
        file(
            """
            server:
              port: 1001
              http-port: 1002
              grpc:
                max-concurrent-calls: 1003
            """);
    ServerConfig server =
        Configuration.load(
                file,
                Map.of("ATHENA_SERVER_PORT", "2001", "ATHENA_SERVER_HTTP_PORT", "2002"),
                Map.of("server.port", "3001"))
            .server();
    assertThat(server.port()).isEqualTo(3001);
    assertThat(server.httpPort()).isEqualTo(2002);
    assertThat(server.grpc().maxConcurrentCalls()).isEqualTo(1003);
    assertThat(server.grpc().maxMessageSize()).isEqualTo(16 * 1024 * 1024);
  }

  @Test
  void theAddressOfTheCommandLineIsNoSettingOfTheServer() throws Exception {
    assertThat(
            Configuration.load(null, Map.of("ATHENA_SERVER", "elsewhere:7070"), Map.of())
                .server()
                .port())
        .isEqualTo(7070);
  }

  @Test
  void aListInTheFileIsAList() throws Exception {
    assertThat(
            Configuration.load(
                    file("sandbox:\n  workers: ['one:7080', 'two:7080']\n"), HOME, Map.of())
                .sandbox()
                .workers())
        .containsExactly("one:7080", "two:7080");
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestOne() throws Exception {
    Path file = file("server:\n  grpc:\n    max-message-sise: 1MiB\n");
    assertThatThrownBy(() -> Configuration.load(file, HOME, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "%s: there is no setting 'server.grpc.max-message-sise'; the nearest is 'server.grpc.max-message-size'",
            file);
  }

  @Test
  void whatIsNearNoSettingIsNotGuessedAt() throws Exception {
    Path file = file("colour: green\n");
    assertThatThrownBy(() -> Configuration.load(file, HOME, Map.of()))
        .hasMessage("%s: there is no setting 'colour'; server/README.md lists them", file);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Configuration.load(directory.resolve("no.yaml"), HOME, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no.yaml does not exist");
  }

  @Test
  void aFileThatIsNotYamlIsToldInOneLine() throws Exception {
    Path file = file("server: [port: {{{");
    assertThatThrownBy(() -> Configuration.load(file, HOME, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + " is not valid YAML")
        .hasMessageMatching("[^\\n]*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.port                      | 70000    | server.port is 70000; it must be from 0 to 65535
          server.port                      | seventy  | server.port is 'seventy'; it must be a whole number from 0 to 65535
          server.grpc.transport            | carrier  | server.grpc.transport is 'carrier'; it can be helidon or netty
          server.grpc.max-message-size     | 16MB     | server.grpc.max-message-size is '16MB'; it must be a size such as 512KiB or 16MiB, from 1024 to 1073741824 bytes
          server.shutdown.limit            | -1s      | server.shutdown.limit is '-1s'; it must be a time such as 500ms, 20s, 5m or 24h, at least 0 ms and at most 365 days
          server.bind                      | 0.0.0.0  | server.bind is 0.0.0.0, which others can reach: set server.auth.tokens-file (--tokens-file), or bind to 127.0.0.1
          executions.keep-for              | 1h       | executions.keep-for is '1h'; it must be at least 24h, for which a request_id is known, or 0s to keep all
          server.tls.certificate           | /c.pem   | server.tls.certificate and server.tls.private-key belong together; one is missing
          """)
  void aValueThatCannotBeIsToldWithWhatCouldBe(String key, String value, String message) {
    assertThatThrownBy(() -> Configuration.load(null, HOME, Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void anAddressThatOthersCanReachIsTakenWithTokens() throws Exception {
    assertThat(
            Configuration.load(
                    null,
                    HOME,
                    Map.of("server.bind", "0.0.0.0", "server.auth.tokens-file", "/tokens"))
                .server()
                .bind()
                .getHostAddress())
        .isEqualTo("0.0.0.0");
  }

  @Test
  void theUrlOfTheDatabaseIsKeptOutOfLogs() throws Exception {
    assertThat(
            Configuration.load(
                    null, HOME, Map.of("database.url", "postgresql://u:secret@host/athena"))
                .toString())
        .doesNotContain("secret");
  }
}
