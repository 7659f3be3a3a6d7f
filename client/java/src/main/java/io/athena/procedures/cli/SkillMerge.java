package io.athena.procedures.cli;

import io.athena.procedures.cli.FrontMatter.UnreadableException;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Makes one definition of a {@code SKILL.md} and the {@code procedure.json} beside it. People edit
 * the first: what it says wins, and where that contradicts the second a note says so. The second
 * adds what the first does not say, and the exact text where both say the same but for blanks.
 */
final class SkillMerge {
  private static final int SHOWN = 40;

  private final SkillText text;
  private final SkillText before;
  private final Procedure definition;
  private final Procedure.Builder merged;
  private final Consumer<String> notes;

  private SkillMerge(SkillText text, Procedure definition, Consumer<String> notes)
      throws UnreadableException {
    this.text = text;
    // What it would say if nobody had edited either.
    this.before = SkillText.read(SkillText.write(definition));
    this.definition = definition;
    this.merged = definition.toBuilder();
    this.notes = notes;
  }

  /**
   * Merges them.
   *
   * @param notes gets what there is to tell, for people
   * @throws UnreadableException if the head of the text holds something else than it should
   */
  static Procedure merge(SkillText text, Procedure definition, Consumer<String> notes)
      throws UnreadableException {
    return new SkillMerge(text, definition, notes).merge();
  }

  private Procedure merge() throws UnreadableException {
    text("name", text.name(), definition.getName(), merged::setName);
    text("description", text.description(), definition.getDescription(), merged::setDescription);
    text("category", text.category(), definition.getCategory(), merged::setCategory);
    tags();
    parameters();
    steps();
    return merged.build();
  }

  private void text(String what, Optional<String> said, String defined, Consumer<String> setter) {
    if (said.isEmpty()) {
      missing(what, !defined.isEmpty());
    } else if (!same(said.get(), defined)) {
      setter.accept(said.get());
      notes.accept(
          "SKILL.md has the %s %s and procedure.json %s: that of SKILL.md is taken"
              .formatted(what, shown(said.get()), shown(defined)));
    }
  }

  private void tags() throws UnreadableException {
    Optional<List<String>> said = text.tags();
    if (said.isEmpty()) {
      missing("tags", definition.getApplicableContextsCount() > 0);
    } else if (!same(said.get(), before.tags().orElse(List.of()))) {
      merged.clearApplicableContexts().addAllApplicableContexts(said.get());
      differ("tags");
    }
  }

  private void parameters() throws UnreadableException {
    Optional<List<String>> said = text.parameters();
    List<String> known = before.parameters().orElse(List.of());
    if (said.isEmpty()) {
      missing("parameters", !known.isEmpty());
    } else if (!same(said.get(), known)) {
      merged.clearParameters();
      for (String declared : said.get()) {
        merged.addParameters(described(SkillText.parameter(declared)));
      }
      differ("parameters");
    }
  }

  /** With its description, which a declaration has no place for. */
  private Parameter described(Parameter declared) {
    return definition.getParametersList().stream()
        .filter(known -> known.getName().equals(declared.getName()))
        .findFirst()
        .map(known -> declared.toBuilder().setDescription(known.getDescription()).build())
        .orElse(declared);
  }

  private void steps() {
    if (text.steps().isEmpty()) {
      missing("steps", !before.steps().isEmpty());
      return;
    }
    if (same(text.steps(), before.steps())) {
      return;
    }
    List<Step> left = new ArrayList<>(definition.getStepsList());
    merged.clearSteps();
    for (String said : text.steps()) {
      Optional<Step> known =
          left.stream().filter(step -> same(step.getDescription(), said)).findFirst();
      known.ifPresent(left::remove);
      merged.addSteps(known.orElseGet(() -> Step.newBuilder().setDescription(said).build()));
    }
    differ("steps");
    left.stream()
        .filter(step -> !step.getAction().isEmpty())
        .forEach(step ->
            notes.accept(
                "the step %s of procedure.json is not in SKILL.md any more, and its action '%s' is left out with it"
                    .formatted(shown(step.getDescription()), Text.oneLine(step.getAction()))));
  }

  private void differ(String what) {
    notes.accept(
        "SKILL.md has other %s than procedure.json: those of SKILL.md are taken".formatted(what));
  }

  private void missing(String what, boolean isDefined) {
    if (isDefined) {
      notes.accept("SKILL.md has no %s: what procedure.json has is taken".formatted(what));
    }
  }

  private static String shown(String value) {
    return "'" + Text.oneLine(Text.shortened(plain(value), SHOWN)) + "'";
  }

  private static boolean same(List<String> some, List<String> others) {
    Function<List<String>, List<String>> plain =
        texts -> texts.stream().map(SkillMerge::plain).toList();
    return plain.apply(some).equals(plain.apply(others));
  }

  private static boolean same(String one, String other) {
    return plain(one).equals(plain(other));
  }

  private static String plain(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
