package io.athena.procedures.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The kernel's numbers of its system calls on one architecture, from {@code system-calls.csv}. They
 * are part of the kernel's ABI and never change; the file's were taken from libseccomp 2.5.4 and,
 * for what is newer, from the kernel's own tables.
 *
 * @param architecture as {@code os.arch} calls it in Java: {@code amd64} or {@code aarch64}
 * @param auditNumber the kernel's {@code AUDIT_ARCH_*}, by which a filter knows it
 * @param known every name in the table, also of those that this architecture lacks
 * @param numbers those that this architecture has
 */
record SystemCalls(
    String architecture, int auditNumber, Set<String> known, Map<String, Integer> numbers) {
  private static final Map<String, Integer> AUDIT_NUMBERS =
      Map.of("amd64", 0xC000003E, "aarch64", 0xC00000B7);
  private static final Map<String, Integer> COLUMNS = Map.of("amd64", 1, "aarch64", 2);

  /**
   * The table of an architecture.
   *
   * @throws IOException if there is none
   */
  static SystemCalls of(String architecture) throws IOException {
    Integer audit = AUDIT_NUMBERS.get(architecture);
    Integer column = COLUMNS.get(architecture);
    if (audit == null || column == null) {
      throw new IOException(
          "programs can be isolated on amd64 and aarch64, this machine is " + architecture);
    }
    Map<String, Integer> numbers = new TreeMap<>();
    Map<String, String> all = new HashMap<>();
    for (String line : lines().subList(1, lines().size())) {
      String[] fields = line.split(",", -1);
      all.put(fields[0], line);
      if (!fields[column].isEmpty()) {
        numbers.put(fields[0], Integer.parseInt(fields[column]));
      }
    }
    return new SystemCalls(architecture, audit, Set.copyOf(all.keySet()), numbers);
  }

  private static List<String> lines() throws IOException {
    try (InputStream table = SystemCalls.class.getResourceAsStream("system-calls.csv")) {
      if (table == null) {
        throw new IOException("system-calls.csv is missing from the worker's jar");
      }
      return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
