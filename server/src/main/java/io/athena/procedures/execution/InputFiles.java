package io.athena.procedures.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.InputFile;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules of {@link InputFile}. */
final class InputFiles {
  private static final int LONGEST_NAME = 255;
  private static final int MOST_FILES = 1_000;
  private static final long MOST_BYTES = 8L * 1024 * 1024;

  private InputFiles() {}

  /** Notes what breaks a rule. */
  static void check(List<InputFile> files, Violations violations) {
    violations.check(
        files.size() <= MOST_FILES,
        "input_files",
        "has " + files.size() + " files; at most " + MOST_FILES + " are taken");
    long bytes = 0;
    Set<String> names = new HashSet<>();
    Set<String> folders = new HashSet<>();
    for (InputFile file : files) {
      bytes += file.getData().size();
      for (int slash = file.getName().indexOf('/');
          slash > 0;
          slash = file.getName().indexOf('/', slash + 1)) {
        folders.add(file.getName().substring(0, slash));
      }
    }
    for (int index = 0; index < files.size(); index++) {
      String name = files.get(index).getName();
      String field = "input_files[" + index + "].name";
      violations.check(
          isRelative(name),
          field,
          "must be a relative path of 1 to 255 bytes, with '/' between folders and without '..',"
              + " '.', empty parts, backslash or control characters");
      violations.check(names.add(name), field, "is given twice");
      violations.check(!folders.contains(name), field, "is a folder of another file's name too");
    }
    violations.check(
        bytes <= MOST_BYTES,
        "input_files",
        "hold " + bytes + " bytes together; at most " + MOST_BYTES + " are taken");
  }

  private static boolean isRelative(String name) {
    if (name.isEmpty() || name.getBytes(UTF_8).length > LONGEST_NAME) {
      return false;
    }
    if (name.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\')) {
      return false;
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || ".".equals(part) || "..".equals(part)) {
        return false;
      }
    }
    return true;
  }
}
