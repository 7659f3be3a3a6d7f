package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.athena.procedures.system.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands about versions, against a real server. */
@Timeout(60)
final class HistoryCommandsTest {
  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init") // Started before all tests.
  private static RunningServer server;

  private String name = "";

  @BeforeAll
  static void startServer() throws IOException {
    server = RunningServer.start(directory);
  }

  @AfterAll
  static void stopServer() throws IOException, InterruptedException {
    server.stop();
  }

  /** A procedure of the test's own with two versions. */
  @BeforeEach
  void rememberTwoVersions(TestInfo test) throws IOException {
    name = test.getTestMethod().orElseThrow().getName();
    ask("remember", name);
    save("print(1)\nprint(2)\n", "Count");
    save("print(1)\nprint(3)\nprint(4)\n", "Count further\n\nMuch further.");
  }

  private void save(String code, String message) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".py"), code);
    ask("save", name, file.toString(), "-m", message);
  }

  @Test
  void versionsAreListedNewestFirst() throws Exception {
    ask("tag", name, "stable", "v1");
    List<String> lines = ask("versions", name).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("VERSION").contains("COMMIT", "TAGS");
    assertThat(lines.get(1)).matches("v2 \\*  +[0-9a-f]{10} .*Count further");
    assertThat(lines.get(2)).matches("v1  +[0-9a-f]{10} .*stable +Count");
    assertThat(ask("versions", name, "--limit", "1").lines()).hasSize(2);
    Struct json = json(ask("versions", name, "--json"));
    assertThat(json.getFieldsOrThrow("versions").getListValue().getValuesList())
        .extracting(
            version -> version.getStructValue().getFieldsOrThrow("version").getNumberValue())
        .containsExactly(2.0, 1.0);
  }

  @Test
  void theCurrentVersionStandsOutOnATerminal() {
    assertThat(onTerminal("versions", name).lines().toList().get(1))
        .startsWith("\u001b[32mv2 *")
        .endsWith("\u001b[0m");
  }

  @Test
  void aProcedureWithoutCodeIsToldSo() {
    ask("remember", "codeless");
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "versions", "codeless")).isEqualTo(ExitCodes.SUCCESS);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err()).contains("There is no code yet").contains("save codeless FILE");
  }

  @Test
  void versionsAreCompared() throws Exception {
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "diff", name)).isEqualTo(ExitCodes.SUCCESS);
    assertThat(terminal.out())
        .startsWith("--- ")
        .endsWith("@@ -1,2 +1,3 @@\n print(1)\n-print(2)\n+print(3)\n+print(4)\n");
    assertThat(terminal.err()).isEqualTo("v1 to v2: 2 lines added, 1 line removed\n");
    assertThat(ask("diff", name, "v2", "v1", "-U", "0"))
        .contains("@@ -2,2 +2 @@\n-print(3)\n-print(4)\n+print(2)\n");
    assertThat(ask("diff", name, "v1", "v1")).isEmpty();
    assertThat(json(ask("diff", name, "--json")).getFieldsOrThrow("linesAdded").getNumberValue())
        .isEqualTo(2);
  }

  @Test
  void aDiffIsColouredOnATerminalAndCannotSteerIt() throws Exception {
    save("print('\u001b[2J')\n", "Clear the screen");
    assertThat(onTerminal("diff", name))
        .contains("\u001b[1m--- ")
        .contains("\u001b[36m@@ ")
        .contains("\u001b[31m-print(1)\u001b[0m")
        .contains("\u001b[32m+print('\ufffd[2J')\u001b[0m");
  }

  @Test
  void aRollbackMakesANewVersionAndOneToTheCurrentVersionNone() {
    assertThat(ask("rollback", name, "v1", "-m", "v2 counts too far"))
        .isEqualTo("Rolled back: v3 has the code of v1.\n");
    assertThat(ask("show", name, "--code")).isEqualTo("print(1)\nprint(2)\n");
    assertThat(ask("show", name, "--code", "--at", "v2")).contains("print(4)");
    assertThat(ask("versions", name)).contains("Roll back to v1: v2 counts too far");
    assertThat(ask("rollback", name, "v3"))
        .isEqualTo("Unchanged: v3, the current version, has that code already.\n");
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "rollback", name, "v1", "-m", "for nothing"))
        .isEqualTo(ExitCodes.SUCCESS);
    assertThat(terminal.err()).contains("The reason was not kept");
    assertThat(refused("rollback", name, "v9")).contains("no version 'v9'").contains("v3");
  }

  @Test
  void whoeverAsksForACheckGetsOne() throws Exception {
    Path file = Files.writeString(directory.resolve(name + ".py"), "print(5)\n");
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "save", name, file.toString(), "--if-etag", ""))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(terminal.err()).contains("--if-etag").contains("nothing would be checked");
    assertThat(refused("save", name, file.toString(), "--if-etag", "1-0")).contains("etag");
    assertThat(ask("versions", name).lines()).hasSize(3);
  }

  /** As editors on Windows write them. */
  @Test
  void aByteOrderMarkIsNoPartOfTheCode() throws Exception {
    save("\ufeffprint(6)\n", "From Windows");
    assertThat(ask("show", name, "--code")).isEqualTo("print(6)\n");
  }

  @Test
  void whatAnEnforcedPolicyRefusesIsToldPlaceByPlace() throws Exception {
    Path code = Files.writeString(directory.resolve("forbidden.py"), "x = 1\nimport ctypes\n");
    Path policy =
        Files.writeString(
            directory.resolve("policy.json"),
            "{\"extends\": \"default\", \"on_save\": \"enforce\", \"on_execute\": \"enforce\"}");
    ask("remember", name, "--project", "guarded");
    ask("save", name, code.toString(), "--project", "guarded");
    ask("policy", "--set", policy.toString(), "--project", "guarded");

    for (String[] command :
        new String[][] {
          {"save", name, code.toString(), "--project", "guarded", "--json"},
          {"run", name, "--project", "guarded", "--json"}
        }) {
      Struct error = json(refused(command)).getFieldsOrThrow("error").getStructValue();
      assertThat(error.getFieldsOrThrow("reason").getStringValue()).isEqualTo("POLICY_VIOLATED");
      Struct violation =
          error.getFieldsOrThrow("fieldViolations").getListValue().getValues(0).getStructValue();
      assertThat(violation.getFieldsOrThrow("field").getStringValue()).isEqualTo("line 2");
      assertThat(violation.getFieldsOrThrow("description").getStringValue())
          .startsWith("module ctypes is forbidden")
          .endsWith("[forbidden-module]");
    }
    assertThat(refused("save", name, code.toString(), "--project", "guarded").lines()).hasSize(1);
  }

  @Test
  void aVersionIsNamedRenamedAndUnnamed() {
    assertThat(ask("tag", name, "stable")).isEqualTo("'stable' is v2.\n");
    assertThat(refused("tag", name, "stable", "v1")).contains("stable").contains("v2");
    assertThat(ask("tag", name, "stable", "v1", "--move"))
        .isEqualTo("'stable' is v1, no longer v2.\n");
    assertThat(ask("show", name, "--code", "--at", "stable")).contains("print(2)");
    assertThat(ask("tag", name, "stable", "--delete")).isEqualTo("v1 is no longer 'stable'.\n");
    assertThat(refused("show", name, "--code", "--at", "stable")).contains("stable");
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "tag", name, "stable", "v1", "--delete"))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(terminal.err()).contains("--delete");
  }

  @Test
  void gitClonesFromTheAddressThatIsPrinted() throws Exception {
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, "git-url", name)).isEqualTo(ExitCodes.SUCCESS);
    String url = terminal.out().strip();
    assertThat(url).isEqualTo("http://" + server.address() + "/git/default.git");
    assertThat(terminal.err()).contains("git clone -b procedures/").contains(url);
    Struct json = json(ask("git-url", name, "--json"));
    String branch = json.getFieldsOrThrow("branch").getStringValue();

    Path clone = directory.resolve("clone");
    git(directory, "clone", "-q", "-b", branch, url, clone.toString());
    assertThat(git(clone, "log", "--format=%s", branch)).isEqualTo("Count further\nCount\n");
    assertThat(clone.resolve("main.py")).hasContent("print(1)\nprint(3)\nprint(4)\n");

    assertThat(ask("git-url")).isEqualTo(url + "\n");
    assertThat(ask("git-url", "--http-port", "7071"))
        .isEqualTo("http://127.0.0.1:7071/git/default.git\n");
    CapturedTerminal mistaken = CapturedTerminal.plain();
    assertThat(execute(mistaken, "git-url", "--project", "nowhere")).isEqualTo(ExitCodes.USAGE);
    assertThat(mistaken.err()).contains("project 'nowhere' has no procedure");
  }

  private static String git(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** Runs a command that must end well, and gives what it wrote to standard output. */
  private static String ask(String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.plain();
    int code = execute(terminal, arguments);
    assertThat(code).as("%s%n%s", String.join(" ", arguments), terminal.err()).isZero();
    return terminal.out();
  }

  private static String onTerminal(String... arguments) {
    CapturedTerminal terminal = new CapturedTerminal("", true);
    assertThat(execute(terminal, arguments)).as(terminal.err()).isZero();
    return terminal.out();
  }

  /** Runs a command that the service must refuse, and gives what it says of that. */
  private static String refused(String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.plain();
    assertThat(execute(terminal, arguments)).isEqualTo(ExitCodes.SERVICE);
    return terminal.err();
  }

  private static int execute(CapturedTerminal terminal, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(server.address());
    return Main.execute(terminal.terminal(), all.toArray(String[]::new));
  }

  private static Struct json(String text) throws BadJsonException {
    return Json.merge(text, Struct.newBuilder()).build();
  }
}
