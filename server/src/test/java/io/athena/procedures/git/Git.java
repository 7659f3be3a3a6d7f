package io.athena.procedures.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The ordinary git client, kept apart from the configuration of the machine. */
public final class Git {
  private Git() {}

  /** Runs git in a folder; what it prints. Fails unless it succeeds. */
  public static String in(Path folder, String... arguments) throws IOException {
    return in(folder, Path.of("/dev/null"), arguments);
  }

  /** The same with a file as its standard input. */
  public static String in(Path folder, Path input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("athena-git", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectInput(input.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
      builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
      builder.environment().put("LC_ALL", "C.UTF-8");
      int exit = builder.start().waitFor();
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(exit).describedAs("%s: %s", command, printed).isZero();
      return printed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    } finally {
      Files.delete(output);
    }
  }
}
