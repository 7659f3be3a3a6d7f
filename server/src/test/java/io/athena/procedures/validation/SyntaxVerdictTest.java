package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ours and CPython's own verdict are the same on the standard library's files, and on mutants of
 * them. Usually a sample; {@code -Dathena.corpus=full} takes every file and 10,000 mutants, and
 * {@code -Dathena.corpus.folders=A:B} other folders.
 */
final class SyntaxVerdictTest {
  private static final boolean FULL = System.getProperty("athena.corpus", "").equals("full");
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir static Path folder;

  private static TestExaminer examiner;
  private static Path oracle;

  @BeforeAll
  static void start() throws IOException {
    examiner = TestExaminer.start();
    oracle = folder.resolve("oracle.py");
    try (InputStream script = SyntaxVerdictTest.class.getResourceAsStream("oracle.py")) {
      Files.copy(java.util.Objects.requireNonNull(script), oracle);
    }
  }

  @AfterAll
  static void stop() throws IOException {
    examiner.close();
  }

  @Test
  void onTheFilesOfTheLibrary() throws Exception {
    compare("files", FULL ? 0 : 120, FULL ? 500 : 100);
  }

  @Test
  void onMutants() throws Exception {
    compare("mutants", FULL ? 10_000 : 200, FULL ? 10_000 : 200);
  }

  private static void compare(String what, int number, int least) throws Exception {
    List<String> command = new ArrayList<>(List.of(PYTHON, oracle.toString(), what, "" + number));
    command.addAll(folders());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    int compared = 0;
    int accepted = 0;
    int unreadable = 0;
    List<String> different = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode case_ = JsonMapper.shared().readTree(line);
        boolean expected = case_.required("parses").booleanValue();
        if (case_.required("source").isNull()) {
          // Bytes in no encoding that Python knows: they are no text, so no request can carry them.
          assertThat(expected).isFalse();
          unreadable++;
          continue;
        }
        compared++;
        accepted += expected ? 1 : 0;
        if (verdict(case_.required("source").stringValue()) != expected) {
          different.add(case_.required("name").stringValue());
        }
      }
    }
    assertThat(process.waitFor()).isZero();
    System.out.printf(
        "%s: %d compared, %d of them accepted by CPython, %d different; %d unreadable%n",
        what, compared, accepted, different.size(), unreadable);
    assertThat(different).isEmpty();
    assertThat(compared).isGreaterThanOrEqualTo(least);
    assertThat(accepted).isBetween(1, what.equals("mutants") ? compared - 1 : compared);
  }

  private static List<String> folders() throws IOException {
    String named = System.getProperty("athena.corpus.folders", "");
    if (!named.isEmpty()) {
      return List.of(named.split(":", -1));
    }
    Path library = Path.of(PYTHON).toRealPath();
    return List.of("/usr/lib/" + library.getFileName());
  }

  private static boolean verdict(String source) {
    if (source.isEmpty()) {
      return true; // Nothing to examine; Python takes an empty file.
    }
    try {
      return examiner
          .validate(ValidateProcedureCodeRequest.newBuilder().setCode(source).build())
          .getChecks()
          .getSyntax();
    } catch (InvalidArgumentException refusal) {
      assertThat(refusal).hasMessageContaining("NUL");
      return false;
    }
  }
}
