package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What comes of runs: artifacts, events, ends by others. Against a real server with real
 * containers.
 */
@Timeout(60)
final class ExecutionCommandsTest {
  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void filesGoInAndArtifactsComeOut() throws Exception {
    commands.remember(
        "copies",
        """
        import sandbox
        sandbox.artifact("copy/of it", open("in/given.bin", "rb").read())
        sandbox.artifact("note", "done")
        """);
    byte[] content = new byte[700_000];
    new java.util.Random(1).nextBytes(content);
    Path given = Files.write(commands.directory().resolve("given.bin"), content);
    assertThat(commands.run("run", "copies", "--file", "in/given.bin=" + given)).isEqualTo(0);
    assertThat(commands.err()).contains("artifact copy/of it, 683.6 KiB").contains("artifact note");
    String id = commands.ask("executions", "copies").lines().toList().get(1).split(" ", 2)[0];
    assertThat(commands.ask("artifacts", id).lines()).hasSize(3);
    assertThat(commands.ask("artifacts", id)).contains("NAME", "SHA-256").contains("note", "4 B");
    Path saved = commands.directory().resolve("saved.bin");
    Files.writeString(saved, "old");
    commands.ask("artifact", id, "copy/of it", "-o", saved.toString());
    assertThat(saved).hasBinaryContent(content);
    assertThat(commands.ask("artifact", id, "note")).isEqualTo("done");
    assertThat(
            ServedCommands.json(commands.ask("artifacts", id, "--json").lines().toList().getLast())
                .getFieldsOrThrow("name")
                .getStringValue())
        .isEqualTo("note");
    assertThat(commands.run("artifact", id, "nothing")).isEqualTo(ExitCodes.SERVICE);
    assertThat(commands.err())
        .contains("has no artifact 'nothing'; it has left 'copy/of it', 'note'");
  }

  @Test
  void anInterruptEndsTheRunAndNotOnlyTheCommand() throws Exception {
    commands.remember("waiting", "import time\nprint('started', flush=True)\ntime.sleep(600)\n");
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
                    commands.address()))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = command.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("started");
      new ProcessBuilder("kill", "-INT", Long.toString(command.pid())).start().waitFor();
      assertThat(output.readAllAsString()).contains("failure in ").contains("(cancelled)");
    }
    assertThat(command.waitFor()).isEqualTo(130);
    assertThat(commands.ask("executions", "waiting"))
        .contains("CANCELLED")
        .doesNotContain("RUNNING");
  }

  @Test
  void aRunIsCancelledFromElsewhereAndWatchedToItsEnd() throws Exception {
    commands.remember("cancelled", "import time\nprint('started', flush=True)\ntime.sleep(600)\n");
    PipedInputStream shown = new PipedInputStream();
    try (PipedOutputStream output = new PipedOutputStream(shown);
        InputStream nothing = InputStream.nullInputStream()) {
      Terminal terminal =
          new Terminal(nothing, output, OutputStream.nullOutputStream(), false, false, false);
      CompletableFuture<Integer> exitCode =
          CompletableFuture.supplyAsync(
              () -> Main.execute(terminal, "run", "cancelled", "--server", commands.address()));
      assertThat(new String(shown.readNBytes(8), StandardCharsets.UTF_8)).isEqualTo("started\n");
      Struct running =
          ServedCommands.json(
              commands.ask("executions", "cancelled", "--state", "running", "--json"));
      String id =
          running
              .getFieldsOrThrow("executions")
              .getListValue()
              .getValues(0)
              .getStructValue()
              .getFieldsOrThrow("executionId")
              .getStringValue();
      assertThat(commands.ask("cancel", id, "--reason", "enough"))
          .contains("failure")
          .contains("enough");
      assertThat(exitCode.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCodes.FAILURE);
      CapturedTerminal watching = CapturedTerminal.plain();
      assertThat(Main.execute(watching.terminal(), "watch", id, "--server", commands.address()))
          .isEqualTo(ExitCodes.FAILURE);
      assertThat(watching.out()).isEqualTo("started\n");
      assertThat(watching.err()).contains("(cancelled)");
    }
  }

  @Test
  void eventsAreJsonOneALine() throws Exception {
    commands.remember("events", "print('hello')\nresult = {'a': 1}\n");
    List<String> lines = commands.ask("run", "events", "--json").lines().toList();
    assertThat(lines.getFirst()).contains("\"accepted\":{\"executionId\":\"");
    assertThat(lines.getLast())
        .contains("\"completed\":{\"outcome\":\"OUTCOME_SUCCESS\",\"result\":{\"a\":1}");
    assertThat(lines)
        .allSatisfy(
            line -> assertThat(ServedCommands.json(line).getFieldsMap()).containsKey("sequence"));
  }

  @Test
  void aRunWithTheSameRequestIdIsShownAgainAndNotRunAgain() throws Exception {
    commands.remember("once", "print('ran')\n");
    assertThat(commands.ask("run", "once", "-q", "--request-id", "r-1")).isEqualTo("ran\n");
    assertThat(commands.ask("run", "once", "-q", "--request-id", "r-1")).isEqualTo("ran\n");
    Struct executions = ServedCommands.json(commands.ask("executions", "once", "--json"));
    assertThat(executions.getFieldsOrThrow("executions").getListValue().getValuesCount()).isOne();
  }
}
