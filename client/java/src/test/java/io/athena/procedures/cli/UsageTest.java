package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "versions",
        "diff",
        "rollback",
        "tag",
        "git-url",
        "generate",
        "import",
        "export",
        "run",
        "stats",
        "executions",
        "watch",
        "artifacts",
        "artifact",
        "cancel",
        "recall",
        "search",
        "validate"
      })
  void everyCommandExplainsItselfWithAnExample(String command) {
    System.setProperty("athena.command", "path/to/it");
    try {
      assertThat(run(command, "--help")).isEqualTo(ExitCodes.SUCCESS);
    } finally {
      System.clearProperty("athena.command");
    }
    assertThat(captured.out())
        .startsWith("Usage: path/to/it " + command)
        .contains("--json")
        .contains("Examples:")
        .contains("path/to/it " + command)
        .doesNotContain(" athena ");
  }

  @Test
  void whatIsNoChoiceIsAnsweredWithThoseThereAre() {
    assertThat(run("executions", "--state", "nonsense")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err())
        .contains("'nonsense' is none of the choices; there are queued, running, completed");
  }

  @Test
  void aMisspeltCommandIsAnsweredWithTheOneThatIsMeant() {
    assertThat(run("rmember")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err())
        .contains("there is no command 'rmember'")
        .contains("Did you mean remember?");
  }

  @ParameterizedTest
  @CsvSource({"sevre,serve", "serch,search", "--jsn,--json"})
  void whatIsNearIsSuggested(String typed, String meant) {
    assertThat(run(typed)).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("'" + typed + "'").contains("Did you mean " + meant + "?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"frobnicate", "x", "--frobnicate"})
  void whatIsFarAwayIsNot(String typed) {
    assertThat(run(typed)).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err())
        .contains("'" + typed + "'")
        .contains("Try 'athena --help'.")
        .doesNotContain("Did you mean");
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
  void whatCannotBeReadIsNamed(@TempDir Path directory) {
    assertThat(run("save", "a", directory.toString())).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("error: " + directory + ": Is a directory");
  }

  @Test
  void anArgumentThatIsNotUtf8IsRefusedWithItsPlace() throws Exception {
    Process command =
        new ProcessBuilder(
                "bash",
                "-c",
                "exec \"$0\" -cp \"$1\" \"$2\" list --project $'caf\\xe9' --category '\uFFFD'",
                ProcessHandle.current().info().command().orElseThrow(),
                System.getProperty("java.class.path"),
                Main.class.getName())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = command.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readAllAsString())
          .contains("argument 3, 'caf\uFFFD', is not UTF-8: byte 4 cannot be read");
    }
    assertThat(command.waitFor()).isEqualTo(ExitCodes.USAGE);
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
