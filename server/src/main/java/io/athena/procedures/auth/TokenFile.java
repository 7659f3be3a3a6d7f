package io.athena.procedures.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The file of accepted tokens: a line {@code name:sha256-hex} each; # starts a comment. */
final class TokenFile {
  /** A caller and the SHA-256 of its token, so that who reads the file cannot call. */
  @SuppressWarnings("ArrayRecordComponent") // Compared in constant time, never as a record.
  record Entry(Principal principal, byte[] digest) {}

  private static final int DIGEST_BYTES = 32;

  private TokenFile() {}

  static List<Entry> read(Path file) throws TokenFileException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new TokenFileException("the file of tokens " + file + " does not exist", e);
    } catch (IOException e) {
      throw new TokenFileException("the file of tokens " + file + " cannot be read: " + e, e);
    }
    List<Entry> entries = new ArrayList<>();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        entries.add(entry(file, number, line));
      }
    }
    if (entries.isEmpty()) {
      throw new TokenFileException(
          "the file of tokens " + file + " has no line, so nobody could call", null);
    }
    return entries;
  }

  /** Messages leave out the line itself: a token may have been put there by mistake. */
  private static Entry entry(Path file, int number, String line) throws TokenFileException {
    int colon = line.lastIndexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon).strip();
    try {
      byte[] digest = HexFormat.of().parseHex(line.substring(colon + 1).strip());
      if (!name.isEmpty() && name.length() <= 200 && digest.length == DIGEST_BYTES) {
        return new Entry(new Principal(name), digest);
      }
    } catch (IllegalArgumentException e) {
      throw malformed(file, number, e);
    }
    throw malformed(file, number, null);
  }

  private static TokenFileException malformed(
      Path file, int number, @org.jspecify.annotations.Nullable Throwable cause) {
    return new TokenFileException(
        "line %d of the file of tokens %s is not name:sha256; make one with: printf %%s TOKEN | sha256sum"
            .formatted(number, file),
        cause);
  }
}
