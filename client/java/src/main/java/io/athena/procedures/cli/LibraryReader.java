package io.athena.procedures.cli;

import io.athena.procedures.v1.ImportProceduresRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads procedures of JSON Lines and of folders with a {@code SKILL.md}. What cannot be read is
 * kept beside what can, with where it is: one bad line spoils no other. Not thread-safe.
 */
final class LibraryReader {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final List<Item> items = new ArrayList<>();
  private final List<Unreadable> unreadable = new ArrayList<>();

  /**
   * A procedure.
   *
   * @param where for people, such as "library.jsonl, line 3"
   */
  record Item(String where, ImportProceduresRequest request) {}

  /** What cannot be read, and why. */
  record Unreadable(String where, String why) {}

  List<Item> items() {
    return items;
  }

  List<Unreadable> unreadable() {
    return unreadable;
  }

  /**
   * Reads every folder with a {@code SKILL.md} below a directory.
   *
   * @throws IOException if the directory itself cannot be read
   */
  void readFolders(Path directory) throws IOException {
    List<Path> skills;
    try (Stream<Path> found = Files.walk(directory)) {
      skills = found.filter(path -> path.endsWith(SkillFolder.FILE)).sorted().toList();
    }
    for (Path skill : skills) {
      Path parent = skill.getParent();
      Path folder = parent == null ? Path.of(".") : parent;
      try {
        items.add(new Item(folder.toString(), SkillFolder.read(folder)));
      } catch (IOException | TypeConversionException e) {
        unreadable.add(new Unreadable(folder.toString(), Errors.told(e)));
      }
    }
  }

  /**
   * Reads a line for a procedure; empty lines are none.
   *
   * @param name of the source, for people
   * @throws IOException if the stream breaks
   */
  void readLines(String name, InputStream lines) throws IOException {
    byte[] bytes = lines.readAllBytes();
    int begin = 0;
    int number = 0;
    while (begin < bytes.length) {
      int end = begin;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      number++;
      readLine(name + ", line " + number, Arrays.copyOfRange(bytes, begin, end), number == 1);
      begin = end + 1;
    }
  }

  private void readLine(String where, byte[] bytes, boolean first) {
    int bad = Utf8.unreadableByte(bytes);
    if (bad > 0) {
      unreadable.add(
          new Unreadable(where, "it is not UTF-8: byte %d of it cannot be read".formatted(bad)));
      return;
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    String line = first && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    if (line.isBlank()) {
      return;
    }
    try {
      ImportProceduresRequest item = Json.merge(line, ImportProceduresRequest.newBuilder()).build();
      if (!item.hasProcedure()) {
        throw new BadJsonException("it has no \"procedure\"", true);
      }
      items.add(
          new Item(
              where,
              item.toBuilder()
                  .clearOptions()
                  .setProcedure(SkillFolder.definition(item.getProcedure()))
                  .build()));
    } catch (BadJsonException e) {
      // Which has only one line.
      unreadable.add(new Unreadable(where, Errors.told(e).replaceFirst("^line 1, ", "")));
    }
  }
}
