package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.system.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From words to runs by the command line: generate and tools. */
@Timeout(120)
final class GenerationCommandsTest {
  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init") // Started before all tests.
  private static RunningServer server;

  @BeforeAll
  static void startServer() throws IOException {
    server = RunningServer.start(directory);
  }

  @AfterAll
  static void stopServer() throws IOException, InterruptedException {
    server.stop();
  }

  @Test
  void codeIsGeneratedShownSavedAndRun() {
    ask(
        "remember",
        "loud",
        "--parameter",
        "text:string",
        "--step",
        "Turn the text into capital letters",
        "--step",
        "Add \"!\" to the end");

    CapturedTerminal generated = new CapturedTerminal("", false);
    assertThat(execute(generated, "generate", "loud", "--no-llm", "--save"))
        .isEqualTo(ExitCodes.SUCCESS);

    assertThat(generated.out()).contains("def loud(text: str) -> str:");
    assertThat(generated.err())
        .contains("attempt 1 by rules")
        .contains("step 1 done: Turn the text into capital letters")
        .contains("Saved v1.");
    assertThat(ask("run", "loud", "-p", "text=hello", "--result")).isEqualTo("\"HELLO!\"\n");
  }

  @Test
  void whatIsNotSavedIsToldAndWhatExcludesEachOtherIsRefused() {
    ask("remember", "unsaved", "--parameter", "text:string", "--step", "Reverse the text");

    CapturedTerminal generated = CapturedTerminal.plain();
    assertThat(execute(generated, "generate", "unsaved", "--no-llm")).isEqualTo(ExitCodes.SUCCESS);
    assertThat(generated.err()).contains("Not saved: --save makes it the current version.");

    CapturedTerminal skipped = CapturedTerminal.plain();
    assertThat(execute(skipped, "run", "unsaved", "-p", "text=a")).isEqualTo(ExitCodes.SKIPPED);
    assertThat(skipped.err()).contains("generate ID --save'");

    CapturedTerminal refused = CapturedTerminal.plain();
    assertThat(execute(refused, "generate", "unsaved", "--no-llm", "--no-fallback"))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(refused.err()).contains("--no-llm and --no-fallback leave nothing");

    CapturedTerminal empty = CapturedTerminal.plain();
    assertThat(execute(empty, "export", "--project", "empty")).isEqualTo(ExitCodes.SUCCESS);
    assertThat(empty.out()).isEmpty();
    assertThat(empty.err()).isEqualTo("The project has no procedures.\n");
  }

  @Test
  void whatGeneratesNothingSaysWhereItIsWrong() {
    ask("remember", "unclosed", "--parameter", "name:string", "--step", "Return \"Hello {{name\"");
    ask("remember", "bare");

    CapturedTerminal unclosed = CapturedTerminal.plain();
    assertThat(execute(unclosed, "generate", "unclosed", "--no-llm", "--save"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(unclosed.err())
        .contains("step 1 MISSING: Return \"Hello {{name\"")
        .contains("it has {{ without }} in line 1, column 15");
    assertThat(ask("versions", "unclosed")).doesNotContain("v1");

    CapturedTerminal bare = CapturedTerminal.plain();
    assertThat(execute(bare, "generate", "bare", "--no-llm")).isEqualTo(ExitCodes.SERVICE);
    assertThat(bare.err())
        .contains(
            "neither steps nor a template; add steps with UpdateProcedure, or 'athena update'");
  }

  @Test
  void charactersAreShownAsTheyAre() {
    ask("remember", "odd", "--parameter", "text:string", "--step", "Reverse the text");
    ask("generate", "odd", "--no-llm", "--save");

    assertThat(ask("run", "odd", "-p", "text='>=<&", "--result")).isEqualTo("\"&<=>'\"\n");
    assertThat(ask("run", "odd", "-p", "text='>=<&", "--json")).contains("\"result\":\"&<=>'\"");
  }

  @Test
  void theGuidesGitWorkflowRunsWithToolsServedByCommands() throws Exception {
    ask(
        "remember",
        "commit_changes",
        "--parameter",
        "message:string",
        "--step",
        "Stage all changes",
        "--step",
        "Commit with message",
        "--step",
        "Push to remote");
    ask("generate", "commit_changes", "--no-llm", "--save");
    Path seen = directory.resolve("seen");

    String result =
        ask(
            "run",
            "commit_changes",
            "-p",
            "message=It's \"done\"",
            "--tool",
            "git.add=cat",
            "--tool",
            "git.commit=cat > " + seen + "; echo '{\"commit\": \"abc\"}'",
            "--tool",
            "git.push=echo pushed by $ATHENA_TOOL",
            "--result");

    assertThat(result).isEqualTo("\"pushed by git.push\\n\"\n");
    assertThat(Json.value(Files.readString(seen)))
        .isEqualTo(Json.value("{\"message\": \"It's \\\"done\\\"\"}"));
    CapturedTerminal failed = new CapturedTerminal("", false);
    assertThat(
            execute(
                failed,
                "run",
                "commit_changes",
                "-p",
                "message=x",
                "--tool",
                "git.add=echo no repository >&2; false"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(failed.err()).contains("ToolError").contains("no repository");
  }

  @Test
  void codeThatFailsAnExampleIsShownAndNotSaved() {
    ask(
        "remember",
        "contradicted",
        "--parameter",
        "text:string",
        "--step",
        "Turn the text into capital letters",
        "--example",
        "{\"text\": \"a\"} => \"b\"");

    CapturedTerminal generated = new CapturedTerminal("", false);
    assertThat(execute(generated, "generate", "contradicted", "--no-llm", "--save"))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(generated.out()).contains("def contradicted(");
    assertThat(generated.err())
        .contains("no success: not saved: 1 of 1 examples failed, and the current version stays")
        .doesNotContain("Saved");
    assertThat(ask("versions", "contradicted")).doesNotContain("v1");
  }

  private static String ask(String... arguments) {
    CapturedTerminal terminal = new CapturedTerminal("", false);
    int code = execute(terminal, arguments);
    assertThat(code).as("%s%n%s", String.join(" ", arguments), terminal.err()).isZero();
    return terminal.out();
  }

  private static int execute(CapturedTerminal terminal, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(server.address());
    return Main.execute(terminal.terminal(), all.toArray(String[]::new));
  }
}
