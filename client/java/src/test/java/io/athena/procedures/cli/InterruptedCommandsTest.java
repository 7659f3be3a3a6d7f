package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ctrl-C, as the process of a command gets it. */
@Timeout(120)
final class InterruptedCommandsTest {
  private static final int INTERRUPT = 130;

  @RegisterExtension static final ServedCommands commands = new ServedCommands();

  @Test
  void anImportSaysWhatItStoredAndCanBeRepeated() throws Exception {
    Process process = CommandProcess.start(commands.address(), "import", "-", "--project", "cut");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 150; i++) {
      lines.append("{\"procedure\": {\"name\": \"cut%d\"}}\n".formatted(i));
    }
    OutputStream input = process.getOutputStream();
    input.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    input.flush();
    while (!commands.ask("list", "--project", "cut", "--limit", "1000").contains("cut99")) {
      Thread.onSpinWait();
    }

    CommandProcess.interrupt(process);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(INTERRUPT);
    assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("interrupted: ")
        .contains("repeat the import to go on")
        .hasLineCount(1);
    assertThat(commands.askWithInput(lines.toString(), "import", "-", "--project", "cut"))
        .isEqualTo("50 new, 0 replaced, 100 unchanged, 0 refused\n");
  }
}
