package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.system.Repository;
import io.athena.procedures.system.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real server with real containers. */
@Timeout(60)
final class CommandLineTest {
  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init") // Started before all tests.
  private static RunningServer server;

  private final CapturedTerminal captured = CapturedTerminal.plain();

  @BeforeAll
  static void startServer() throws IOException {
    server = RunningServer.start(directory);
  }

  @AfterAll
  static void stopServer() throws IOException, InterruptedException {
    server.stop();
  }

  @Test
  void aProcedureIsRememberedShownChangedAndForgotten() throws Exception {
    String id = ask("remember", "life", "--step", "Be born", "--category", "living").strip();
    assertThat(id).matches("\\d+");
    assertThat(ask("list", "--category", "living")).contains("NAME").contains("life");
    assertThat(ask("show", "life")).contains("procedure " + id).contains("1. Be born");
    assertThat(ask("update", id, "--description", "From one end to the other"))
        .contains("Changed description");
    assertThat(json(ask("show", id, "--json")).getFieldsOrThrow("description").getStringValue())
        .isEqualTo("From one end to the other");
    assertThat(ask("forget", "life")).isEqualTo("Forgot procedure " + id + " (life).\n");
    assertThat(run("show", "life")).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err()).contains("life");
  }

  @Test
  void codeIsSavedAsVersionsAndEqualCodeIsNot() throws Exception {
    ask("remember", "versions");
    Path code = Files.writeString(directory.resolve("v.py"), "print(1)\n");
    assertThat(ask("save", "versions", code.toString())).isEqualTo("Saved v1.\n");
    assertThat(ask("save", "versions", code.toString())).startsWith("Unchanged: v1");
    assertThat(askWithInput("print(2)\n", "save", "versions", "-")).isEqualTo("Saved v2.\n");
    assertThat(ask("run", "versions", "-q")).isEqualTo("2\n");
    assertThat(ask("run", "versions", "--at", "v1", "-q")).isEqualTo("1\n");
    assertThat(ask("show", "versions", "--code")).isEqualTo("print(2)\n");
  }

  @Test
  void outputComesOutByteForByteAndTheOutcomeOnStandardError() throws Exception {
    remember(
        "bytes",
        """
        import sys
        sys.stdout.buffer.write(bytes(range(256)))
        sys.stderr.write("aside\\n")
        """);
    assertThat(run("run", "bytes")).isEqualTo(ExitCodes.SUCCESS);
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    assertThat(captured.outBytes()).isEqualTo(all);
    assertThat(captured.err()).contains("aside\n").contains("success in ");
  }

  @Test
  void filesGoInAndArtifactsComeOut() throws Exception {
    remember(
        "copies",
        """
        import sandbox
        sandbox.artifact("copy/of it", open("in/given.bin", "rb").read())
        sandbox.artifact("note", "done")
        """);
    byte[] content = new byte[700_000];
    new java.util.Random(1).nextBytes(content);
    Path given = Files.write(directory.resolve("given.bin"), content);
    assertThat(run("run", "copies", "--file", "in/given.bin=" + given)).isEqualTo(0);
    assertThat(captured.err()).contains("artifact copy/of it, 683.6 KiB").contains("artifact note");
    String id = ask("executions", "copies").lines().toList().get(1).split(" ", 2)[0];
    assertThat(ask("artifacts", id).lines()).hasSize(3);
    assertThat(ask("artifacts", id)).contains("NAME", "SHA-256").contains("note", "4 B");
    Path saved = directory.resolve("saved.bin");
    Files.writeString(saved, "old");
    ask("artifact", id, "copy/of it", "-o", saved.toString());
    assertThat(saved).hasBinaryContent(content);
    assertThat(ask("artifact", id, "note")).isEqualTo("done");
    assertThat(
            json(ask("artifacts", id, "--json").lines().toList().getLast())
                .getFieldsOrThrow("name")
                .getStringValue())
        .isEqualTo("note");
    assertThat(run("artifact", id, "nothing")).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err())
        .contains("has no artifact 'nothing'; it has left 'copy/of it', 'note'");
  }

  @Test
  void argumentsAreReadByTheDeclaredTypes() throws Exception {
    remember(
        "typed",
        """
        def typed(text, count, ratio, flag, items, options, anything=None):
            return [text, count, ratio, flag, items, options, anything]
        """,
        "--parameter=text:string",
        "--parameter=count:integer",
        "--parameter=ratio:number=0.5",
        "--parameter=flag:boolean",
        "--parameter=items:array",
        "--parameter=options:object",
        "--parameter=anything:any?");
    Path file = Files.writeString(directory.resolve("text.txt"), "from a file");
    String result =
        ask(
            "run",
            "typed",
            "--result",
            "-p",
            "text=@" + file,
            "-p",
            "count=3",
            "-p",
            "flag=true",
            "-p",
            "items=[1, \"2\"]",
            "-p",
            "options={\"a\": null}");
    assertThat(result).isEqualTo("[\"from a file\",3,0.5,true,[1,\"2\"],{\"a\":null},null]\n");
  }

  @Test
  void anArgumentOfTheWrongTypeIsRefusedBeforeAnythingRuns() throws Exception {
    remember("strict", "def strict(count):\n    return count\n", "--parameter=count:integer");
    assertThat(run("run", "strict", "-p", "count=many")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err()).contains("parameter 'count' takes an integer");
    assertThat(run("run", "strict")).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err()).contains("count");
    assertThat(json(ask("executions", "strict", "--json")).getFieldsOrThrow("executions"))
        .isEqualTo(Value.newBuilder().setListValue(ListValue.getDefaultInstance()).build());
  }

  @Test
  void argumentsThatWouldBeChangedOnTheWayAreRefused() throws Exception {
    remember("exact", "def exact(a):\n    return a\n", "--parameter=a:any");
    assertThat(run("run", "exact", "--params-json", "{bad")).isEqualTo(ExitCodes.USAGE);
    assertThat(run("run", "exact", "--params-json", "[1]")).isEqualTo(ExitCodes.USAGE);
    assertThat(run("run", "exact", "--params-json", "{\"a\": \"\\ud800\"}"))
        .isEqualTo(ExitCodes.USAGE);
    assertThat(run("run", "exact", "-p", "a=[\"\\ud800\"]")).isEqualTo(ExitCodes.USAGE);
    assertThat(captured.err().lines().filter(line -> line.startsWith("error: ")))
        .containsExactly(
            "error: --params-json: line 1, column 2: expected a name in double quotes, not 'bad'",
            "error: --params-json is JSON, but no object such as {\"name\": \"Ada\"}",
            "error: --params-json: line 1, column 8: an unpaired surrogate is half a character,"
                + " which no text can hold",
            "error: parameter 'a': line 1, column 3: an unpaired surrogate is half a character,"
                + " which no text can hold");
  }

  @Test
  void filesLieInTheWorkspace() throws Exception {
    remember(
        "files", "def files(path):\n    return open(path).read()\n", "--parameter=path:string");
    Path file = Files.writeString(directory.resolve("input.txt"), "content");
    assertThat(ask("run", "files", "--result", "--file", "a/b.txt=" + file, "-p", "path=a/b.txt"))
        .isEqualTo("\"content\"\n");
  }

  @Test
  void aFailureExitsWithOneAndTellsTheLine() throws Exception {
    remember(
        "failing", "def failing():\n    print('so far')\n    raise ValueError('no further')\n");
    assertThat(run("run", "failing")).isEqualTo(ExitCodes.FAILURE);
    assertThat(captured.out()).isEqualTo("so far\n");
    assertThat(captured.err())
        .contains("failure in ")
        .contains("(exception)")
        .contains("line 3")
        .contains("ValueError: no further");
    assertThat(ask("executions", "failing", "--outcome", "failure")).contains("EXCEPTION");
    assertThat(ask("stats", "failing")).contains("1 failure: exception");
  }

  @Test
  void withoutCodeARunIsSkippedAndExitsWithThree() throws Exception {
    ask("remember", "empty");
    assertThat(run("run", "empty")).isEqualTo(ExitCodes.SKIPPED);
    assertThat(captured.err()).contains("skipped");
  }

  @Test
  void aLimitEndsTheRun() throws Exception {
    remember("endless", "while True:\n    pass\n");
    assertThat(run("run", "endless", "--timeout", "300ms")).isEqualTo(ExitCodes.FAILURE);
    assertThat(captured.err()).contains("(timeout)");
  }

  @Test
  void outputIsSeenAndInputReadWhileTheProgramRuns() throws Exception {
    remember("echo", "print('ready', flush=True)\nprint('got ' + input())\n");
    PipedOutputStream typed = new PipedOutputStream();
    PipedInputStream input = new PipedInputStream(typed);
    PipedInputStream shown = new PipedInputStream();
    PipedOutputStream output = new PipedOutputStream(shown);
    Terminal terminal =
        new Terminal(input, output, OutputStream.nullOutputStream(), false, false, false);
    CompletableFuture<Integer> exitCode =
        CompletableFuture.supplyAsync(
            () -> Main.execute(terminal, "run", "echo", "--stdin", "--server", server.address()));
    byte[] ready = shown.readNBytes(6);
    assertThat(new String(ready, StandardCharsets.UTF_8)).isEqualTo("ready\n");
    assertThat(exitCode).isNotDone();
    typed.write("a line\n".getBytes(StandardCharsets.UTF_8));
    typed.close();
    assertThat(exitCode.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCodes.SUCCESS);
    output.close();
    assertThat(new String(shown.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("got a line\n");
  }

  @Test
  void anInterruptEndsTheRunAndNotOnlyTheCommand() throws Exception {
    remember("waiting", "import time\nprint('started', flush=True)\ntime.sleep(600)\n");
    Process command =
        new ProcessBuilder(
                List.of(
                    // A shell starts what runs in its background with interrupts ignored.
                    "env",
                    "--default-signal=INT",
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "run",
                    "waiting",
                    "--timeout",
                    "1m",
                    "--server",
                    server.address()))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = command.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("started");
      new ProcessBuilder("kill", "-INT", Long.toString(command.pid())).start().waitFor();
      assertThat(output.readAllAsString()).contains("failure in ").contains("(cancelled)");
    }
    assertThat(command.waitFor()).isEqualTo(130);
    assertThat(ask("executions", "waiting")).contains("CANCELLED").doesNotContain("RUNNING");
  }

  @Test
  void aRunIsCancelledFromElsewhereAndWatchedToItsEnd() throws Exception {
    remember("cancelled", "import time\nprint('started', flush=True)\ntime.sleep(600)\n");
    PipedInputStream shown = new PipedInputStream();
    try (PipedOutputStream output = new PipedOutputStream(shown);
        InputStream nothing = InputStream.nullInputStream()) {
      Terminal terminal =
          new Terminal(nothing, output, OutputStream.nullOutputStream(), false, false, false);
      CompletableFuture<Integer> exitCode =
          CompletableFuture.supplyAsync(
              () -> Main.execute(terminal, "run", "cancelled", "--server", server.address()));
      assertThat(new String(shown.readNBytes(8), StandardCharsets.UTF_8)).isEqualTo("started\n");
      Struct running = json(ask("executions", "cancelled", "--state", "running", "--json"));
      String id =
          running
              .getFieldsOrThrow("executions")
              .getListValue()
              .getValues(0)
              .getStructValue()
              .getFieldsOrThrow("executionId")
              .getStringValue();
      assertThat(ask("cancel", id, "--reason", "enough")).contains("failure").contains("enough");
      assertThat(exitCode.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCodes.FAILURE);
      CapturedTerminal watching = CapturedTerminal.plain();
      assertThat(Main.execute(watching.terminal(), "watch", id, "--server", server.address()))
          .isEqualTo(ExitCodes.FAILURE);
      assertThat(watching.out()).isEqualTo("started\n");
      assertThat(watching.err()).contains("(cancelled)");
    }
  }

  @Test
  void proceduresAreFoundByWordsAndByConfidence() throws Exception {
    remember("compress_pictures", "pass\n", "--description", "Makes pictures smaller");
    assertThat(ask("recall", "smaller", "pictures")).contains("compress_pictures");
    assertThat(ask("recall", "compres", "picturs")).contains("compress_pictures");
    ask("run", "compress_pictures", "-q");
    assertThat(ask("search", "--min-confidence", "0.1")).contains("compress_pictures");
    assertThat(run("search", "--min-confidence", "1.5")).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err()).contains("min_confidence");
  }

  @Test
  void whatIsUnknownIsNamedInWordsAndInJson() throws Exception {
    assertThat(run("show", "999999")).isEqualTo(ExitCodes.SERVICE);
    assertThat(captured.err()).startsWith("error: ").contains("999999");
    CapturedTerminal asJson = CapturedTerminal.plain();
    assertThat(
            Main.execute(
                asJson.terminal(), "show", "999999", "--json", "--server", server.address()))
        .isEqualTo(ExitCodes.SERVICE);
    Struct error = json(asJson.err()).getFieldsOrThrow("error").getStructValue();
    assertThat(error.getFieldsOrThrow("code").getStringValue()).isEqualTo("NOT_FOUND");
    assertThat(error.getFieldsOrThrow("reason").getStringValue()).isNotEmpty();
  }

  @Test
  void eventsAreJsonOneALine() throws Exception {
    remember("events", "print('hello')\nresult = {'a': 1}\n");
    List<String> lines = ask("run", "events", "--json").lines().toList();
    assertThat(lines.getFirst()).contains("\"accepted\":{\"executionId\":\"");
    assertThat(lines.getLast())
        .contains("\"completed\":{\"outcome\":\"OUTCOME_SUCCESS\",\"result\":{\"a\":1}");
    assertThat(lines)
        .allSatisfy(line -> assertThat(json(line).getFieldsMap()).containsKey("sequence"));
  }

  @Test
  void aRunWithTheSameRequestIdIsShownAgainAndNotRunAgain() throws Exception {
    remember("once", "print('ran')\n");
    assertThat(ask("run", "once", "-q", "--request-id", "r-1")).isEqualTo("ran\n");
    assertThat(ask("run", "once", "-q", "--request-id", "r-1")).isEqualTo("ran\n");
    Struct executions = json(ask("executions", "once", "--json"));
    assertThat(executions.getFieldsOrThrow("executions").getListValue().getValuesCount()).isOne();
  }

  @Test
  void quickstartTakesFiveProceduresThroughTheirLifeAsOftenAsWanted() throws Exception {
    System.setProperty("athena.launcher", Repository.root().resolve("athena").toString());
    assertThat(run("quickstart")).as(captured.err()).isEqualTo(ExitCodes.SUCCESS);
    assertThat(captured.out())
        .contains("Using the service at " + server.address())
        .contains("1/5  word_statistics", "5/5  run_unit_tests")
        .contains("remembered as procedure")
        .contains("     | sales.csv: 480 rows, 7 columns")
        .contains("What to try next");
    assertThat(captured.err()).contains("TestsFailed: 1 of 6 tests failed");
    assertThat(ask("quickstart")).contains("known as procedure").contains("unchanged since v1");
    assertThat(ask("stats", "csv_summary")).containsPattern("all +2 +100 %");
    assertThat(ask("stats", "run_unit_tests")).containsPattern("all +2 +0 %");
  }

  private void remember(String name, String code, String... options) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".py"), code);
    List<String> arguments = new ArrayList<>(List.of("remember", name, "--code", file.toString()));
    arguments.addAll(List.of(options));
    ask(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    return execute(captured, arguments);
  }

  /** Runs a command that must end well, and gives what it wrote to standard output. */
  private String ask(String... arguments) {
    return askWithInput("", arguments);
  }

  private String askWithInput(String input, String... arguments) {
    CapturedTerminal terminal = new CapturedTerminal(input, false);
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

  private static Struct json(String text) throws BadJsonException {
    return Json.merge(text, Struct.newBuilder()).build();
  }
}
