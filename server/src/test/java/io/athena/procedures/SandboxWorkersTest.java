package io.athena.procedures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.SandboxConfig;
import io.athena.procedures.rpc.TestCertificate;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server's way to a worker that is a process of its own. */
final class SandboxWorkersTest {
  /** Of "open sesame". */
  private static final String DIGEST =
      "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

  @TempDir private static Path directory;

  @Test
  void aWorkerIsReachedOverTlsWithItsTokenAndTellsWhatItEnforces() throws Exception {
    TestCertificate certificate = TestCertificate.make(directory);
    Path tokens = Files.writeString(directory.resolve("tokens"), "server:" + DIGEST);
    Path token = Files.writeString(directory.resolve("token"), "open sesame\n");
    Path wrong = Files.writeString(directory.resolve("wrong"), "sesame");
    Process worker =
        worker(
            "--tokens-file=" + tokens,
            "--tls-certificate=" + certificate.certificate(),
            "--tls-private-key=" + certificate.key());
    try {
      BufferedReader output = worker.inputReader(StandardCharsets.UTF_8);
      String greeting = String.valueOf(output.readLine());
      String address = greeting.substring(greeting.lastIndexOf(' ') + 1);

      assertThat(details(address, token, certificate.certificate()))
          .containsEntry(address, "UP")
          .containsKey(address + " enforces memory");
      assertThat(String.valueOf(details(address, wrong, certificate.certificate()).get(address)))
          .contains("UNAUTHENTICATED", "sandbox.workers-token-file");
    } finally {
      worker.destroy();
      assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aTokenFileThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> details("127.0.0.1:1", directory.resolve("none"), null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sandbox.workers-token-file");
  }

  private static Map<String, String> details(
      String address, Path token, @org.jspecify.annotations.Nullable Path certificate)
      throws Exception {
    SandboxConfig config =
        Configuration.load(
                null,
                Map.of(),
                Map.of(
                    "sandbox.workers",
                    address,
                    "sandbox.workers-token-file",
                    token.toString(),
                    "sandbox.workers-certificate",
                    certificate == null ? "" : certificate.toString()))
            .sandbox();
    try (SandboxWorkers workers = SandboxWorkers.start(config, Clock.systemUTC())) {
      Map<String, String> details = workers.state().details();
      // A state is asked for within a second, and a first handshake can take longer.
      for (int i = 0;
          i < 20 && String.valueOf(details.get(address)).contains("DEADLINE_EXCEEDED");
          i++) {
        details = workers.state().details();
      }
      return details;
    }
  }

  private static Process worker(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.athena.procedures.sandbox.SandboxWorkerMain",
                "--port=0",
                "--run-dir=/run/athena-sandbox-test-" + UUID.randomUUID()));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
