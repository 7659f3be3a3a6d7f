package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is written down in Python and in Java must be the same. */
final class HarnessTest {
  private static final Path SOURCES = Path.of("src/main/python/athena_harness");

  @Test
  void everyFileOfTheHarnessIsGivenToContainers() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      assertThat(RunDirectory.HARNESS)
          .containsExactlyInAnyOrderElementsOf(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".py"))
                  .toList());
    }
  }

  @Test
  void kindsOfFramesAreTheSame() throws IOException {
    Map<String, String> inJava = new TreeMap<>();
    for (FrameKind kind : FrameKind.values()) {
      inJava.put(kind.name(), Character.toString(kind.code()));
    }
    assertThat(constants("frames.py", "b\"(.)\"")).isEqualTo(inJava);
  }

  @Test
  void exitCodesOfTheHarnessAreTheSame() throws IOException {
    assertThat(constants("program.py", "(\\d+)"))
        .containsEntry("HARNESS_FAILED", Integer.toString(Outcomes.HARNESS_FAILED))
        .containsEntry("CHANNEL_LOST", Integer.toString(Outcomes.CHANNEL_LOST));
  }

  @Test
  void aResultThatPythonSendsIsOneThatJavaTakes() throws IOException {
    assertThat(constants("values.py", "(\\d+ \\* \\d+)"))
        .containsEntry("LARGEST_RESULT", "1024 * 1024");
    assertThat(FrameKind.RETURNED.largestReceived()).isEqualTo(1024 * 1024);
  }

  private static Map<String, String> constants(String file, String value) throws IOException {
    Map<String, String> constants = new TreeMap<>();
    Pattern.compile("^([A-Z_]+) = " + value + "$", Pattern.MULTILINE)
        .matcher(Files.readString(SOURCES.resolve(file)))
        .results()
        .forEach((MatchResult found) -> constants.put(found.group(1), found.group(2)));
    return constants;
  }
}
