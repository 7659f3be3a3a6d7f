package io.athena.procedures.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which names input files and artifacts may have. */
final class FileNames {
  /** For messages: what a name must be. */
  static final String RULE =
      "relative path of 1 to 255 bytes without '.', '..', empty parts, backslash and control characters";

  private static final int LONGEST = 255;

  private FileNames() {}

  /** True if a name leads nowhere but below the folder that it is put into. */
  static boolean isRelative(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && name.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\')
        && List.of(name.split("/", -1)).stream()
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }
}
