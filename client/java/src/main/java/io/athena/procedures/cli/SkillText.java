package io.athena.procedures.cli;

import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What a {@code SKILL.md} says of a procedure: name, description, category, tags, which are the
 * contexts where it applies, and parameters in its head, steps in its body.
 *
 * @param steps empty if it names none
 */
record SkillText(FrontMatter head, List<String> steps) {
  private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

  /** Keeps a copy. */
  SkillText {
    steps = List.copyOf(steps);
  }

  /**
   * Reads it.
   *
   * @throws FrontMatter.UnreadableException if its head cannot be read
   */
  static SkillText read(String text) throws FrontMatter.UnreadableException {
    FrontMatter head = FrontMatter.read(text);
    return new SkillText(head, MarkdownSteps.read(head.body()));
  }

  /** The text that says of a procedure what such a text can say. */
  static String write(Procedure procedure) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("name", procedure.getName());
    head.put("description", procedure.getDescription());
    if (!procedure.getCategory().isEmpty()) {
      head.put("category", procedure.getCategory());
    }
    if (procedure.getApplicableContextsCount() > 0) {
      head.put("tags", List.copyOf(procedure.getApplicableContextsList()));
    }
    if (procedure.getParametersCount() > 0) {
      head.put(
          "parameters",
          procedure.getParametersList().stream().map(ParameterDeclaration::of).toList());
    }
    List<String> steps = procedure.getStepsList().stream().map(Step::getDescription).toList();
    return FrontMatter.write(head)
        + (steps.isEmpty() ? "" : "\n## Steps\n\n" + MarkdownSteps.write(steps));
  }

  /**
   * The procedure that it describes, by itself.
   *
   * @param notes gets what there is to tell, for people
   */
  Procedure procedure(String nameOfFolder, Consumer<String> notes)
      throws FrontMatter.UnreadableException {
    if (name().isEmpty()) {
      notes.accept(
          "SKILL.md has no name: that of its folder is taken, '%s'"
              .formatted(Text.oneLine(nameOfFolder)));
    }
    Procedure.Builder procedure =
        Procedure.newBuilder()
            .setName(name().orElse(nameOfFolder))
            .setDescription(description().orElse(""))
            .setCategory(category().orElse(""))
            .addAllApplicableContexts(tags().orElse(List.of()));
    for (String declared : parameters().orElse(List.of())) {
      procedure.addParameters(parameter(declared));
    }
    steps.forEach(step -> procedure.addSteps(Step.newBuilder().setDescription(step)));
    return procedure.build();
  }

  /** Empty also if it is blank. */
  Optional<String> name() throws FrontMatter.UnreadableException {
    return head.text("name").filter(name -> !name.isEmpty());
  }

  Optional<String> description() throws FrontMatter.UnreadableException {
    return head.text("description");
  }

  Optional<String> category() throws FrontMatter.UnreadableException {
    return head.text("category");
  }

  /** Also of one text, with commas between them. */
  Optional<List<String>> tags() throws FrontMatter.UnreadableException {
    Optional<List<String>> listed = head.list("tags");
    if (listed.isEmpty() || !head.isText("tags")) {
      return listed;
    }
    List<String> tags = new ArrayList<>();
    for (String text : listed.get()) {
      Arrays.stream(COMMA.split(text.strip())).filter(tag -> !tag.isEmpty()).forEach(tags::add);
    }
    return Optional.of(tags);
  }

  /** As they are declared. */
  Optional<List<String>> parameters() throws FrontMatter.UnreadableException {
    return head.list("parameters");
  }

  static Parameter parameter(String declared) {
    return new ParameterDeclaration().convert(declared);
  }
}
