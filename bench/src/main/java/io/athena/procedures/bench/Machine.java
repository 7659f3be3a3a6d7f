package io.athena.procedures.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the figures were measured on.
 *
 * @param memoryGib installed memory in GiB
 */
record Machine(
    String processor,
    int cores,
    double memoryGib,
    String kernel,
    String java,
    String python,
    String runc) {

  static Machine here(Path python) throws IOException, InterruptedException {
    return new Machine(
        valueOf(Path.of("/proc/cpuinfo"), "model name"),
        Runtime.getRuntime().availableProcessors(),
        Double.parseDouble(valueOf(Path.of("/proc/meminfo"), "MemTotal").split(" ", 2)[0])
            / (1 << 20),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        firstLine(python.toString(), "--version"),
        firstLine("runc", "--version"));
  }

  private static String valueOf(Path file, String key) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    }
  }

  private static String firstLine(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    process.waitFor();
    return lines.isEmpty() ? "unknown" : lines.getFirst();
  }
}
