package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.system.RunningServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C while a language model is at work. */
@Timeout(120)
final class InterruptedGenerationTest {
  private static final int INTERRUPT = 130;

  @TempDir private Path directory;

  @Test
  void theCallOfTheModelEndsAndNothingIsSaved() throws Exception {
    try (SilentModel model = new SilentModel()) {
      Path config =
          Files.writeString(
              directory.resolve("athena.yaml"),
              """
              generation:
                provider: openai
                model: silent
                base-url: http://127.0.0.1:%d/v1
              """
                  .formatted(model.port()));
      RunningServer server = RunningServer.start(directory, "--config", config.toString());
      try {
        interrupt(server.address(), model);
      } finally {
        server.stop();
      }
    }
  }

  private static void interrupt(String address, SilentModel model) throws Exception {
    ask(address, "remember", "cut", "--parameter", "text:string", "--step", "Reverse the text");
    Process process = CommandProcess.start(address, "generate", "cut", "--save");
    model.asked.get(60, TimeUnit.SECONDS);

    CommandProcess.interrupt(process);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(INTERRUPT);
    assertThat(process.getInputStream().readAllBytes()).isEmpty();
    assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("attempt 1 by the language model")
        .contains("interrupted: no code was seen saved; 'athena versions 1' tells whether any was");
    model.left.get(60, TimeUnit.SECONDS);
    assertThat(ask(address, "versions", "cut")).doesNotContain("v1");
    assertThat(ask(address, "generate", "cut", "--no-llm", "--save")).contains("def cut(");
  }

  private static String ask(String address, String... arguments) {
    CapturedTerminal terminal = CapturedTerminal.plain();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--server", address));
    assertThat(Main.execute(terminal.terminal(), all.toArray(String[]::new)))
        .as("%s%n%s", String.join(" ", arguments), terminal.err())
        .isZero();
    return terminal.out();
  }

  /** Takes one question and says nothing until the asker leaves. */
  private static final class SilentModel implements AutoCloseable {
    final CompletableFuture<Void> asked = new CompletableFuture<>();
    final CompletableFuture<Void> left = new CompletableFuture<>();
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

    SilentModel() throws IOException {
      Thread.ofVirtual().start(this::serve);
    }

    int port() {
      return listening.getLocalPort();
    }

    private void serve() {
      try (Socket asker = listening.accept()) {
        InputStream question = asker.getInputStream();
        assertThat(question.read()).isPositive();
        asked.complete(null);
        while (question.read() >= 0) {
          // The rest of the question, and then nothing.
        }
        left.complete(null);
      } catch (IOException e) {
        asked.completeExceptionally(e);
        // A connection that is reset was left, too.
        left.complete(null);
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
