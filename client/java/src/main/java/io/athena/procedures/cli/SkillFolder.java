package io.athena.procedures.cli;

import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A procedure as a folder: {@code SKILL.md}, which people and agents read, {@code main.py} with its
 * code if it has some, and {@code procedure.json} with all of the definition. Where the last is
 * missing, as in a skill written by hand, the definition is read from {@code SKILL.md}: name,
 * description, category and parameters from its head, steps from the list under a heading that
 * names steps, or else from its first list.
 */
final class SkillFolder {
  static final String FILE = "SKILL.md";

  private static final String DEFINITION = "procedure.json";
  private static final String CODE = "main.py";
  private static final Pattern ITEM = Pattern.compile("^(?:\\d+[.)]|[-*+]) +(.*)$");
  private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$");
  private static final Pattern OF_STEPS =
      Pattern.compile("(?i).*\\b(?:steps?|instructions|workflow|procedure|process|how to)\\b.*");

  private SkillFolder() {}

  /**
   * Reads one.
   *
   * @throws IOException if it cannot be read, with a message for people
   */
  static ImportProceduresRequest read(Path folder) throws IOException {
    ImportProceduresRequest.Builder item = ImportProceduresRequest.newBuilder();
    Path definition = folder.resolve(DEFINITION);
    if (Files.exists(definition)) {
      try {
        item.setProcedure(definition(Json.merge(text(definition), Procedure.newBuilder()).build()));
      } catch (BadJsonException e) {
        throw new IOException(definition + ": " + e.getMessage(), e);
      }
    } else {
      item.setProcedure(parse(folder, text(folder.resolve(FILE))));
    }
    Path code = folder.resolve(CODE);
    return (Files.exists(code) ? item.setCode(text(code)) : item).build();
  }

  /** A byte order mark is no part of it. */
  private static String text(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int bad = Utf8.unreadableByte(bytes);
    if (bad > 0) {
      throw new IOException("%s is not UTF-8: byte %d cannot be read".formatted(file, bad));
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static Procedure parse(Path folder, String text) throws IOException {
    FrontMatter head;
    try {
      head = FrontMatter.read(text);
    } catch (FrontMatter.UnreadableException e) {
      throw new IOException(folder.resolve(FILE) + ": " + e.getMessage(), e);
    }
    Path name = folder.toAbsolutePath().normalize().getFileName();
    Procedure.Builder procedure =
        Procedure.newBuilder()
            .setName(
                head.text("name")
                    .filter(given -> !given.isBlank())
                    .orElse(name == null ? "" : name.toString()))
            .setDescription(head.text("description").orElse(""))
            .setCategory(head.text("category").orElse(""));
    head.list("parameters")
        .forEach(declared -> procedure.addParameters(new ParameterDeclaration().convert(declared)));
    steps(head.body()).forEach(step -> procedure.addSteps(Step.newBuilder().setDescription(step)));
    return procedure.build();
  }

  private static List<String> steps(String body) {
    List<String> first = new ArrayList<>();
    List<String> named = new ArrayList<>();
    boolean inSteps = false;
    boolean inFirst = true;
    for (String line : body.lines().toList()) {
      Matcher heading = HEADING.matcher(line);
      Matcher item = ITEM.matcher(line);
      if (heading.matches()) {
        inSteps = OF_STEPS.matcher(heading.group(1)).matches();
        inFirst = inFirst && first.isEmpty();
      } else if (item.matches()) {
        (inSteps ? named : inFirst ? first : new ArrayList<String>()).add(item.group(1).strip());
      }
    }
    return named.isEmpty() ? first : named;
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
    Files.writeString(folder.resolve(FILE), markdown(procedure));
    Files.writeString(folder.resolve(DEFINITION), Json.of(definition(procedure)) + "\n");
    if (exported.getCode().isEmpty()) {
      Files.deleteIfExists(folder.resolve(CODE));
    } else {
      Files.writeString(folder.resolve(CODE), exported.getCode());
    }
    return folder;
  }

  private static boolean isOf(Path folder, Procedure procedure) throws IOException {
    return Files.exists(folder.resolve(FILE))
        && read(folder).getProcedure().getName().equals(procedure.getName());
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

  private static String markdown(Procedure procedure) {
    StringBuilder text = new StringBuilder("---\nname: " + quoted(procedure.getName()) + "\n");
    text.append("description: ").append(quoted(procedure.getDescription())).append('\n');
    if (!procedure.getCategory().isEmpty()) {
      text.append("category: ").append(quoted(procedure.getCategory())).append('\n');
    }
    if (procedure.getParametersCount() > 0) {
      text.append("parameters:\n");
      for (Parameter parameter : procedure.getParametersList()) {
        text.append("  - ").append(Text.oneLine(ParameterDeclaration.of(parameter))).append('\n');
      }
    }
    text.append("---\n\n## Steps\n\n");
    int number = 1;
    for (Step step : procedure.getStepsList()) {
      text.append(number++).append(". ").append(line(step.getDescription())).append('\n');
    }
    return text.toString();
  }

  private static String quoted(String value) {
    return '"' + line(value).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String line(String value) {
    return Text.oneLine(value.replaceAll("\\s+", " ").strip());
  }
}
