package io.athena.procedures.execution;

import java.util.Locale;

/** Names of modules, as they show in tracebacks. */
final class FileNames {
  private static final int LONGEST = 60;

  private FileNames() {}

  /** "word_statistics.py" for a procedure named "Word statistics". */
  static String of(String procedureName) {
    String name =
        procedureName
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "_")
            .replaceAll("^_|_$", "");
    if (name.isEmpty()) {
      return "main.py";
    }
    return name.substring(0, Math.min(name.length(), LONGEST)) + ".py";
  }
}
