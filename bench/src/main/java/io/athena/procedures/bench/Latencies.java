package io.athena.procedures.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads what a timing script prints, one number of nanoseconds a line: the latencies, and at last
 * the time that all of them took.
 */
final class Latencies {
  private Latencies() {}

  static Timings printedBy(String caseName, List<String> command)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile("athena-bench", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      List<Long> nanos;
      try (var lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
        nanos = lines.map(Long::valueOf).toList();
      }
      if (process.waitFor() != 0 || nanos.isEmpty()) {
        throw new IOException(caseName + " failed: " + Files.readString(errors).strip());
      }
      return Timings.of(nanos.subList(0, nanos.size() - 1), nanos.getLast());
    } finally {
      Files.delete(errors);
    }
  }
}
