package io.athena.procedures.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the latencies that a timing script prints: one number of nanoseconds a line. */
final class Latencies {
  private Latencies() {}

  static List<Long> printedBy(String caseName, List<String> command)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile("athena-bench", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      List<Long> nanos;
      try (var lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
        nanos = lines.map(Long::valueOf).toList();
      }
      if (process.waitFor() != 0) {
        throw new IOException(caseName + " failed: " + Files.readString(errors).strip());
      }
      return nanos;
    } finally {
      Files.delete(errors);
    }
  }
}
