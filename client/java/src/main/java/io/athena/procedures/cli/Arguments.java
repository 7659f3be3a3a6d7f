package io.athena.procedures.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of the command line. */
final class Arguments {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\uFFFD';

  private Arguments() {}

  /**
   * Says which word of the command line is not UTF-8; null if all are. The Java runtime puts a
   * replacement character in the place of what it cannot read, and that would be stored.
   */
  static @Nullable String unreadable(String... arguments) throws IOException {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].indexOf(REPLACEMENT) < 0) {
        continue;
      }
      // The character itself may have been typed: only the bytes tell.
      int unreadable = Utf8.unreadableByte(bytes(arguments.length - i));
      if (unreadable > 0) {
        return "argument %d, '%s', is not UTF-8: byte %d cannot be read"
            .formatted(i + 1, Text.oneLine(Text.shortened(arguments[i], 60)), unreadable);
      }
    }
    return null;
  }

  /** The bytes of one of the last words of this process' command line. */
  private static byte[] bytes(int fromLast) throws IOException {
    // One char a byte. Each word ends with a NUL.
    String line = Files.readString(COMMAND_LINE, StandardCharsets.ISO_8859_1);
    List<String> words = List.of(line.split("\0", -1));
    return words.get(words.size() - 1 - fromLast).getBytes(StandardCharsets.ISO_8859_1);
  }
}
