package io.athena.procedures.cli;

import io.athena.procedures.v1.ImportProceduresRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * Finds procedures in JSON Lines and in folders with a {@code SKILL.md}, and gives each as it is
 * found. What cannot be read is told beside what can, with where it is: one bad line spoils no
 * other.
 */
final class LibraryReader {
  /** The service takes no more in one message. */
  static final int MOST_BYTES = 16 << 20;

  private final Receiver receiver;

  /** With who is told. */
  LibraryReader(Receiver receiver) {
    this.receiver = receiver;
  }

  /**
   * A procedure.
   *
   * @param where for people, such as "library.jsonl, line 3"
   */
  record Item(String where, ImportProceduresRequest request) {}

  /** What cannot be read, and why. */
  record Unreadable(String where, String why) {}

  /** Who is told what is found. */
  interface Receiver {
    /** A procedure. */
    void item(Item item) throws IOException;

    /** What should be one and cannot be read. */
    void unreadable(Unreadable one) throws IOException;

    /** What is worth knowing of one that can. */
    void note(String where, String note) throws IOException;
  }

  /**
   * Reads a file or a directory.
   *
   * @throws IOException if it cannot be opened, or the receiver fails
   */
  void read(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      readFolders(source);
    } else if (SkillFolder.isSkill(source)) {
      readSkill(source, SkillFolder.folder(source));
    } else {
      try (InputStream lines = Files.newInputStream(source)) {
        readLines(source.toString(), lines);
      }
    }
  }

  /** Reads a line for a procedure. */
  void readLines(String name, InputStream lines) throws IOException {
    JsonLines.read(name, lines, receiver);
  }

  private void readFolders(Path directory) throws IOException {
    Found found = new Found();
    Files.walkFileTree(directory, found);
    for (Path skill : found.skills.stream().sorted().toList()) {
      readSkill(skill, directory);
    }
    for (Unreadable one : found.unreadable) {
      receiver.unreadable(one);
    }
    if (found.skills.isEmpty() && found.unreadable.isEmpty()) {
      receiver.unreadable(
          new Unreadable(
              directory.toString(),
              "there is no folder with a %s in it".formatted(SkillFolder.FILE)));
    }
  }

  private void readSkill(Path skill, Path root) throws IOException {
    String where = SkillFolder.folder(skill).toString();
    List<String> notes = new ArrayList<>();
    @Nullable Item item = null;
    Unreadable why = new Unreadable(where, "");
    try {
      item = new Item(where, SkillFolder.read(skill, root, notes::add));
    } catch (IOException | TypeConversionException e) {
      why = new Unreadable(where, Errors.told(e));
    }
    if (item == null) {
      receiver.unreadable(why);
      return;
    }
    for (String note : notes) {
      receiver.note(where, note);
    }
    receiver.item(item);
  }

  /** The skills below a directory. Links to folders are not followed, lest they lead anywhere. */
  private static final class Found extends SimpleFileVisitor<Path> {
    private final List<Path> skills = new ArrayList<>();
    private final List<Unreadable> unreadable = new ArrayList<>();

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (SkillFolder.isSkill(file)) {
        skills.add(file);
      } else if (attributes.isSymbolicLink() && holdsSkill(file)) {
        unreadable.add(
            new Unreadable(
                file.toString(), "it is a link to a folder, and is not followed; name it itself"));
      } else if (file.endsWith(SkillFolder.DEFINITION) && !holdsSkill(SkillFolder.folder(file))) {
        unreadable.add(
            new Unreadable(
                SkillFolder.folder(file).toString(),
                "it has a %s but no %s".formatted(SkillFolder.DEFINITION, SkillFolder.FILE)));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      unreadable.add(new Unreadable(file.toString(), Errors.told(failure)));
      return FileVisitResult.CONTINUE;
    }

    private static boolean holdsSkill(Path folder) {
      if (!Files.isDirectory(folder)) {
        return false;
      }
      try (Stream<Path> files = Files.list(folder)) {
        return files.anyMatch(SkillFolder::isSkill);
      } catch (IOException e) {
        // The visit of the folder itself tells that it cannot be read.
        return false;
      }
    }
  }
}
