package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Arguments, output and outcomes of runs, against a real server with real containers. */
@Timeout(60)
final class RunCommandTest {
  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void outputComesOutByteForByteAndTheOutcomeOnStandardError() throws Exception {
    commands.remember(
        "bytes",
        """
        import sys
        sys.stdout.buffer.write(bytes(range(256)))
        sys.stderr.write("aside\\n")
        """);
    assertThat(commands.run("run", "bytes")).isEqualTo(ExitCodes.SUCCESS);
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    assertThat(commands.outBytes()).isEqualTo(all);
    assertThat(commands.err()).contains("aside\n").contains("success in ");
  }

  @Test
  void argumentsAreReadByTheDeclaredTypes() throws Exception {
    commands.remember(
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
    Path file = Files.writeString(commands.directory().resolve("text.txt"), "from a file");
    String result =
        commands.ask(
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
    commands.remember(
        "strict", "def strict(count):\n    return count\n", "--parameter=count:integer");
    assertThat(commands.run("run", "strict", "-p", "count=many")).isEqualTo(ExitCodes.USAGE);
    assertThat(commands.err()).contains("parameter 'count' takes an integer");
    assertThat(commands.run("run", "strict")).isEqualTo(ExitCodes.SERVICE);
    assertThat(commands.err()).contains("count");
    assertThat(
            ServedCommands.json(commands.ask("executions", "strict", "--json"))
                .getFieldsOrThrow("executions"))
        .isEqualTo(Value.newBuilder().setListValue(ListValue.getDefaultInstance()).build());
  }

  @Test
  void argumentsThatWouldBeChangedOnTheWayAreRefused() throws Exception {
    commands.remember("exact", "def exact(a):\n    return a\n", "--parameter=a:any");
    List<String> told = new ArrayList<>();
    for (List<String> given :
        List.of(
            List.of("--params-json", "{bad"),
            List.of("--params-json", "[1]"),
            List.of("--params-json", "{\"a\": \"\\ud800\"}"),
            List.of("-p", "a=[\"\\ud800\"]"))) {
      assertThat(commands.run("run", "exact", given.get(0), given.get(1)))
          .isEqualTo(ExitCodes.USAGE);
      commands.err().lines().filter(line -> line.startsWith("error: ")).forEach(told::add);
    }
    assertThat(told)
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
    commands.remember(
        "files", "def files(path):\n    return open(path).read()\n", "--parameter=path:string");
    Path file = Files.writeString(commands.directory().resolve("input.txt"), "content");
    assertThat(
            commands.ask(
                "run", "files", "--result", "--file", "a/b.txt=" + file, "-p", "path=a/b.txt"))
        .isEqualTo("\"content\"\n");
  }

  @Test
  void aFailureExitsWithOneAndTellsTheLine() throws Exception {
    commands.remember(
        "failing", "def failing():\n    print('so far')\n    raise ValueError('no further')\n");
    assertThat(commands.run("run", "failing")).isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.out()).isEqualTo("so far\n");
    assertThat(commands.err())
        .contains("failure in ")
        .contains("(exception)")
        .contains("line 3")
        .contains("ValueError: no further");
    assertThat(commands.ask("executions", "failing", "--outcome", "failure")).contains("EXCEPTION");
    assertThat(commands.ask("stats", "failing")).contains("1 failure: exception");
  }

  @Test
  void withoutCodeARunIsSkippedAndExitsWithThree() throws Exception {
    commands.ask("remember", "empty");
    assertThat(commands.run("run", "empty")).isEqualTo(ExitCodes.SKIPPED);
    assertThat(commands.err()).contains("skipped");
  }

  @Test
  void aLimitEndsTheRun() throws Exception {
    commands.remember("endless", "while True:\n    pass\n");
    assertThat(commands.run("run", "endless", "--timeout", "300ms")).isEqualTo(ExitCodes.FAILURE);
    assertThat(commands.err()).contains("(timeout)");
  }

  @Test
  void outputIsSeenAndInputReadWhileTheProgramRuns() throws Exception {
    commands.remember("echo", "print('ready', flush=True)\nprint('got ' + input())\n");
    PipedOutputStream typed = new PipedOutputStream();
    PipedInputStream input = new PipedInputStream(typed);
    PipedInputStream shown = new PipedInputStream();
    PipedOutputStream output = new PipedOutputStream(shown);
    Terminal terminal =
        new Terminal(input, output, OutputStream.nullOutputStream(), false, false, false);
    CompletableFuture<Integer> exitCode =
        CompletableFuture.supplyAsync(
            () -> Main.execute(terminal, "run", "echo", "--stdin", "--server", commands.address()));
    byte[] ready = shown.readNBytes(6);
    assertThat(new String(ready, StandardCharsets.UTF_8)).isEqualTo("ready\n");
    assertThat(exitCode).isNotDone();
    typed.write("a line\n".getBytes(StandardCharsets.UTF_8));
    typed.close();
    assertThat(exitCode.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCodes.SUCCESS);
    output.close();
    assertThat(new String(shown.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("got a line\n");
  }
}
