package io.athena.procedures.cli;

import com.google.protobuf.Message;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A procedure as a folder: {@code SKILL.md}, which people and agents read and edit, {@code main.py}
 * with its code if it has some, {@code procedure.json} with all of the definition, and {@code
 * origin.json} with where the code comes from. The last two may be missing, as in a skill written
 * by hand; the definition adds what {@code SKILL.md} does not say ({@link SkillMerge}).
 */
final class SkillFolder {
  static final String FILE = "SKILL.md";
  static final String DEFINITION = "procedure.json";

  private static final String CODE = "main.py";
  private static final String ORIGIN = "origin.json";

  /** More is no text of people; the service takes 1 MiB of code and 16 MiB of all. */
  private static final int MOST_BYTES = 16 << 20;

  private SkillFolder() {}

  /** True for the file that makes a folder one, in whatever case it is written. */
  static boolean isSkill(Path file) {
    return String.valueOf(file.getFileName()).equalsIgnoreCase(FILE);
  }

  /**
   * Reads one.
   *
   * @param skill its {@code SKILL.md}
   * @param root what its files must not lead out of, by whatever links
   * @param notes gets what there is to tell besides, for people
   * @throws IOException if it cannot be read, with a message for people
   */
  static ImportProceduresRequest read(Path skill, Path root, Consumer<String> notes)
      throws IOException {
    ImportProceduresRequest.Builder item = ImportProceduresRequest.newBuilder();
    Path folder = folder(skill);
    Path definition = folder.resolve(DEFINITION);
    String text = text(skill, root);
    try {
      SkillText said = SkillText.read(text);
      said.head().notes().forEach(note -> notes.accept(skill.getFileName() + ": " + note));
      item.setProcedure(
          Files.exists(definition)
              ? SkillMerge.merge(said, definition(definition, root), notes)
              : said.procedure(
                  String.valueOf(folder.toAbsolutePath().normalize().getFileName()), notes));
    } catch (FrontMatter.UnreadableException e) {
      throw new IOException(skill + ": " + e.getMessage(), e);
    }
    Path code = folder.resolve(CODE);
    if (Files.exists(code)) {
      item.setCode(text(code, root));
      Path origin = folder.resolve(ORIGIN);
      if (Files.exists(origin)) {
        item.setOrigin(json(origin, root, CodeOrigin.newBuilder()));
      }
    }
    return item.build();
  }

  static Path folder(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of(".") : parent;
  }

  private static Procedure definition(Path file, Path root) throws IOException {
    return definition(json(file, root, Procedure.newBuilder()).build());
  }

  private static <B extends Message.Builder> B json(Path file, Path root, B builder)
      throws IOException {
    try {
      return Json.merge(text(file, root), builder);
    } catch (BadJsonException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** A byte order mark is no part of it. */
  private static String text(Path file, Path root) throws IOException {
    if (!file.toRealPath().startsWith(root.toRealPath())) {
      throw new IOException(
          "%s is a link that leads out of %s, and is not followed".formatted(file, root));
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " is no file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new IOException(file + " has more than 16 MiB");
    }
    String problem = Utf8.problem(bytes);
    if (!problem.isEmpty()) {
      throw new IOException("%s %s".formatted(file, problem));
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  /**
   * Writes one below a directory; the folder is named like the procedure, as far as files can be.
   */
  static Path write(Path directory, ExportProceduresResponse exported) throws IOException {
    Procedure procedure = exported.getProcedure();
    String plain =
        procedure
            .getName()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9_-]+", "-")
            .replaceAll("^-+|-+$", "");
    String name = plain.isEmpty() ? "procedure" : plain;
    Path folder = directory.resolve(name);
    for (int number = 2; Files.exists(folder) && !isOf(folder, procedure); number++) {
      folder = directory.resolve(name + "-" + number);
    }
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(FILE), SkillText.write(procedure));
    Files.writeString(folder.resolve(DEFINITION), Json.of(definition(procedure)) + "\n");
    if (exported.getCode().isEmpty()) {
      Files.deleteIfExists(folder.resolve(CODE));
      Files.deleteIfExists(folder.resolve(ORIGIN));
    } else {
      Files.writeString(folder.resolve(CODE), exported.getCode());
      Files.writeString(folder.resolve(ORIGIN), Json.of(exported.getOrigin()) + "\n");
    }
    return folder;
  }

  /** What is somebody else's, or cannot be read, is not written over. */
  private static boolean isOf(Path folder, Procedure procedure) {
    try {
      return read(folder.resolve(FILE), folder, _ -> {})
          .getProcedure()
          .getName()
          .equals(procedure.getName());
    } catch (IOException e) {
      return false;
    }
  }

  /** What is the procedure's own, and not the service's. */
  static Procedure definition(Procedure procedure) {
    return procedure.toBuilder()
        .clearProcedureId()
        .clearProject()
        .clearCreateTime()
        .clearUpdateTime()
        .clearEtag()
        .clearCurrentVersion()
        .clearCurrentCommitId()
        .clearConfidence()
        .clearUsageCount()
        .clearSuccessRate()
        .build();
  }
}
