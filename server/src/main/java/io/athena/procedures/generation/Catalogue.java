package io.athena.procedures.generation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * All that the rules know, from YAML files beside this class: actions, comparisons, nouns that can
 * be taken from values, and Python helpers. Immutable.
 */
final class Catalogue {
  private static final List<String> FILES =
      List.of(
          "text",
          "text_edits",
          "numbers",
          "number_forms",
          "lists",
          "list_edits",
          "tables",
          "table_edits",
          "json",
          "dates",
          "files",
          "web",
          "code",
          "tools");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Map<String, Action> actions;
  private final List<Action> comparisons;
  private final List<Action> nouns;
  private final List<Verbs> verbs;
  private final Map<String, Helper> helpers;

  /**
   * Beginnings of steps that say the same: one of {@code said} can be replaced by any of {@code
   * as}.
   */
  record Verbs(List<String> said, List<String> as) {}

  /** A Python function that actions use, with what it needs itself. */
  record Helper(String name, String code, List<String> imports, List<String> uses) {}

  /** An entry as it is in a file. */
  private record Entry(
      String action,
      @Nullable String about,
      @Nullable LinkedHashMap<String, String> in,
      List<String> patterns,
      String code,
      @Nullable String out,
      @Nullable String like,
      @Nullable String changes,
      @Nullable List<String> imports,
      @Nullable List<String> uses,
      @Nullable Map<String, String> defaults,
      @Nullable String tool,
      @Nullable String when,
      @Nullable String unless,
      @Nullable String having,
      @Nullable String part,
      @Nullable List<TrialEntry> tests) {

    Action toAction() {
      LinkedHashMap<String, SlotType> inputs = new LinkedHashMap<>();
      Objects.requireNonNullElse(in, new LinkedHashMap<String, String>())
          .forEach((name, type) -> inputs.put(name, SlotType.of(type)));
      return new Action(
          action,
          Objects.requireNonNullElse(about, ""),
          inputs,
          patterns.stream().flatMap(pattern -> StepPattern.all(pattern, inputs)).toList(),
          code.stripTrailing(),
          output(),
          list(imports),
          list(uses),
          Map.copyOf(Objects.requireNonNullElse(defaults, Map.of())),
          Objects.requireNonNullElse(tool, ""),
          Objects.requireNonNullElse(when, ""),
          Objects.requireNonNullElse(unless, ""),
          Objects.requireNonNullElse(having, ""),
          part == null ? null : new Expr.Part.Some(part.equals("each"), part.equals("place")),
          list(tests).stream().map(TrialEntry::toTrial).toList());
    }

    private Action.Output output() {
      String[] words = Objects.requireNonNullElse(out, "nothing").split(" +");
      ValueType type = Objects.requireNonNull(SlotType.of(words[0]).value());
      List<String> spoken = List.of(words).subList(1, words.length);
      return new Action.Output(
          type,
          spoken.isEmpty() ? "result" : spoken.getFirst(),
          spoken,
          Objects.requireNonNullElse(like, ""),
          Objects.requireNonNullElse(changes, ""));
    }

    private static <T> List<T> list(@Nullable List<T> given) {
      return given == null ? List.of() : List.copyOf(given);
    }
  }

  private record TrialEntry(
      @Nullable String step,
      @Nullable Map<String, Object> given,
      @Nullable Object gives,
      @Nullable List<ToolCallEntry> tools) {
    Action.Trial toTrial() {
      return new Action.Trial(
          Objects.requireNonNullElse(step, ""),
          Objects.requireNonNullElse(given, Map.of()),
          Objects.requireNonNullElse(gives, "null"),
          Entry.list(tools).stream().map(ToolCallEntry::toToolCall).toList());
    }
  }

  private record ToolCallEntry(String call, Map<String, Object> with, Object answers) {
    Action.ToolCall toToolCall() {
      return new Action.ToolCall(call, with, answers);
    }
  }

  private record HelperEntry(
      String helper, String code, @Nullable List<String> imports, @Nullable List<String> uses) {
    Helper toHelper() {
      return new Helper(
          helper,
          code.stripTrailing(),
          Objects.requireNonNullElse(imports, List.of()),
          Objects.requireNonNullElse(uses, List.of()));
    }
  }

  private Catalogue(
      Map<String, Action> actions,
      List<Action> comparisons,
      List<Action> nouns,
      List<Verbs> verbs,
      Map<String, Helper> helpers) {
    this.actions = actions;
    this.comparisons = comparisons;
    this.nouns = nouns;
    this.verbs = verbs;
    this.helpers = helpers;
  }

  /** The one that comes with the program. */
  static Catalogue load() {
    LinkedHashMap<String, Action> actions = new LinkedHashMap<>();
    for (String file : FILES) {
      for (Action action : actions(file)) {
        if (actions.put(action.name(), action) != null) {
          throw new IllegalStateException("the catalogue has two actions " + action.name());
        }
      }
    }
    return new Catalogue(
        actions,
        actions("comparisons"),
        Stream.concat(actions("measures").stream(), actions("nouns").stream()).toList(),
        List.of(read("verbs", Verbs[].class)),
        List.of(read("helpers", HelperEntry[].class)).stream()
            .map(HelperEntry::toHelper)
            .collect(Collectors.toMap(Helper::name, helper -> helper)));
  }

  private static List<Action> actions(String file) {
    List<Action> actions = new ArrayList<>();
    for (Entry entry : read(file, Entry[].class)) {
      actions.add(entry.toAction());
    }
    return actions;
  }

  private static <T> T read(String file, Class<T> type) {
    String name = "catalogue/" + file + ".yaml";
    try (InputStream stream = Catalogue.class.getResourceAsStream(name)) {
      return YAML.readValue(Objects.requireNonNull(stream, name), type);
    } catch (JacksonException e) {
      throw new IllegalStateException("the catalogue's file " + name + " is broken", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In the order of the files. */
  List<Action> actions() {
    return List.copyOf(actions.values());
  }

  /** The action of that name; null if there is none. */
  @Nullable Action action(String name) {
    return actions.get(name);
  }

  /** Conditions on a {@code $subject}: "is greater than {value}". */
  List<Action> comparisons() {
    return comparisons;
  }

  /** What can be taken from a value by a noun: "words in {text}". */
  List<Action> nouns() {
    return nouns;
  }

  /** The same text with other words of the same meaning at its beginning, those nearest first. */
  List<String> rephrased(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> rephrased = new ArrayList<>();
    for (Verbs same : verbs) {
      same.said().stream()
          .filter(said -> lower.startsWith(said + " "))
          .max(Comparator.comparingInt(String::length))
          .ifPresent(said ->
              same.as().stream()
                  .filter(other -> !other.equals(said))
                  .forEach(other -> rephrased.add(other + text.substring(said.length()))));
    }
    return rephrased;
  }

  Helper helper(String name) {
    return Objects.requireNonNull(helpers.get(name), () -> "no helper " + name);
  }
}
