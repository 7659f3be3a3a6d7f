package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says when no service is needed to say it. */
final class UsageTest {
  private final CapturedTerminal captured = CapturedTerminal.plain();

  @Test
  void helpListsEveryCommandAndTheExitCodes() {
    assertThat(run("--help")).isEqualTo(ExitCodes.SUCCESS);
    assertThat(captured.out())
        .contains("remember", "list", "show", "save", "run", "stats", "executions", "cancel")
        .contains("recall", "search", "quickstart", "serve", "doctor", "test", "bench")
        .contains("Exit codes:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "remember",
        "list",
        "show",
        "update",
        "forget",
        "save",
        "run",
        "stats",
        "executions",
        "watch",
        "cancel",
        "recall",
        "search"
      })
  void everyCommandExplainsItselfWithAnExample(String command) {
    assertThat(run(command, "--help")).isEqualTo(ExitCodes.SUCCESS);
    assertThat(captured.out())
        .startsWith("Usage: athena " + command)
        .contains("--json")
        .contains("Examples:")
        .contains("athena " + command);
  }

  @Test
  void aMisspeltCommandIsAnsweredWithTheOneThatIsMeant() {
    assertThat(run("rmember")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("Did you mean").contains("remember");
  }

  @Test
  void aMissingArgumentIsNamed() {
    assertThat(run("show")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err())
        .contains("Missing required parameter: 'ID|NAME'")
        .contains("Try 'athena show --help'.");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThat(run("remember", "a", "--code", "/nowhere/a.py")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("there is no file /nowhere/a.py");
  }

  @Test
  void codeThatIsNotUtf8IsRefusedInsteadOfChanged(@TempDir Path directory) throws IOException {
    Path file =
        Files.write(directory.resolve("latin.py"), new byte[] {'x', '=', '"', (byte) 0xe4, '"'});
    assertThat(run("remember", "a", "--code", file.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("latin.py is not UTF-8: byte 4 cannot be read");
  }

  @Test
  void aPortOutOfRangeIsNamed() {
    assertThat(run("list", "--server", "127.0.0.1:99999")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("'127.0.0.1:99999' is no address: its port is above 65535");
  }

  @Test
  void withoutAServiceTheCommandSaysHowToStartOne() throws IOException {
    assertThat(run("list", "--server", closedPort())).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err()).contains("no service answers at").contains("'athena serve'");
    assertThat(captured.out()).isEmpty();
  }

  @Test
  void errorsAreJsonWhereJsonIsWanted() throws IOException {
    assertThat(run("list", "--json", "--server", closedPort())).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err().lines())
        .singleElement()
        .asString()
        .startsWith(
            "{\"error\":{\"code\":\"UNAVAILABLE\",\"reason\":\"\",\"message\":\"no service");
  }

  private int run(String... arguments) {
    return Main.execute(captured.terminal(), arguments);
  }

  private static String closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }
}
