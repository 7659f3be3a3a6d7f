package io.athena.procedures.generation;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the patterns that are most like a step which none fits. Immutable. */
final class NearestPatterns {
  private static final int MOST = 3;

  /** Share of what a step says that an action has to speak of. */
  private static final double NEAR = 0.35;

  /** Share of the nearest one's likeness, below which others would only distract. */
  private static final double ALSO_NEAR = 0.6;

  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern SLOT = Pattern.compile("\\{[a-z_]+}");
  private static final Pattern ENDING =
      Pattern.compile(
          "(?<=[a-z]{3})(?:at(?:ions?|ing|ed|e|es|ors?)|ings?|ically|ical|ally|ly|ed|ers?|ors?|es|e|s)$");
  private static final Pattern DOUBLED = Pattern.compile("([b-df-hj-kmnp-rtv-y])\\1$");

  /** What says how words belong together, and not what is to be done. */
  private static final Set<String> GRAMMAR =
      Set.of(
          "the", "an", "and", "or", "of", "in", "into", "to", "from", "for", "by", "with", "on",
          "at", "as", "is", "are", "be", "it", "its", "them", "that", "this", "these", "those",
          "which", "each", "every", "all", "any", "there", "then", "out", "up", "so", "do", "me");

  private final List<Known> known;
  private final Set<String> vocabulary;

  /** How rare each stem is among the actions: the logarithm of their number by that of its own. */
  private final Map<String, Double> rarity;

  private final double rarest;

  /**
   * An action.
   *
   * @param patterns with their stems
   * @param stems of all of its patterns, which are synonyms, and of what it does
   */
  private record Known(Map<String, Set<String>> patterns, Set<String> stems) {}

  NearestPatterns(Catalogue catalogue) {
    this.known = catalogue.actions().stream().map(NearestPatterns::known).toList();
    this.vocabulary =
        Stream.of(catalogue.actions(), catalogue.comparisons(), catalogue.nouns())
            .flatMap(actions -> actions.stream())
            .flatMap(action -> action.patterns().stream())
            .flatMap(pattern -> words(pattern.source()).stream())
            .collect(Collectors.toUnmodifiableSet());
    Map<String, Double> actions = new HashMap<>();
    known.forEach(each -> each.stems().forEach(stem -> actions.merge(stem, 1.0, Double::sum)));
    actions.replaceAll((stem, number) -> Math.log(known.size() / number));
    this.rarity = Map.copyOf(actions);
    this.rarest = Math.log(known.size());
  }

  private static Known known(Action action) {
    Map<String, Set<String>> patterns = new HashMap<>();
    action
        .patterns()
        .forEach(pattern ->
            patterns.put(pattern.source(), stems(SLOT.matcher(pattern.source()).replaceAll(" "))));
    Set<String> all = new HashSet<>(stems(action.about()));
    patterns.values().forEach(all::addAll);
    return new Known(Map.copyOf(patterns), Set.copyOf(all));
  }

  /**
   * Says which words are not understood.
   *
   * @param phrase that stands for nothing where a pattern has a value; null if none fits otherwise
   */
  String unread(String step, Scope scope, @Nullable String phrase) {
    List<String> unknown =
        NO_WORD
            .splitAsStream(start(step))
            .filter(word -> word.length() > 2)
            .filter(word -> {
              String singular = Scope.singular(word.toLowerCase(Locale.ROOT));
              return !vocabulary.contains(singular)
                  && scope.called(singular) == null
                  && scope.newestFirst().stream()
                      .noneMatch(value -> words(value.name()).contains(singular))
                  && !scope.isField(word);
            })
            .distinct()
            .limit(5)
            .map(word -> "'" + word + "'")
            .toList();
    if (!unknown.isEmpty()) {
      return String.join(", ", unknown) + " is not understood";
    }
    return phrase == null
        ? "its words are known, but no pattern has all of them"
        : "'" + phrase + "' stands for no value here";
  }

  private record Near(String pattern, double likeness) {}

  /** Says which patterns are near, the nearest first, one of each action; or that none is. */
  String to(String step) {
    Set<String> stems = stems(start(step));
    List<Near> near =
        known.stream()
            .map(each -> near(each, stems))
            .filter(each -> each.likeness() >= NEAR)
            .sorted(
                Comparator.comparingDouble((Near each) -> -each.likeness())
                    .thenComparing(Near::pattern))
            .limit(MOST)
            .toList();
    if (near.isEmpty()) {
      return "no pattern is near it";
    }
    double least = near.getFirst().likeness() * ALSO_NEAR;
    return near.stream()
        .filter(each -> each.likeness() >= least)
        .map(each -> "\"" + each.pattern() + "\"")
        .collect(Collectors.joining(", ", "nearest are ", ""));
  }

  /** As near as the mean of the action, whose patterns are synonyms, and of the pattern itself. */
  private Near near(Known action, Set<String> stems) {
    String pattern = best(action, stems);
    Set<String> own = action.patterns().getOrDefault(pattern, Set.of());
    double shared = weight(common(stems, action.stems())) + weight(common(stems, own));
    return new Near(pattern, shared / (2 * weight(stems)));
  }

  /** The pattern that has most of the words, and few others. */
  private String best(Known action, Set<String> stems) {
    return action.patterns().entrySet().stream()
        .max(
            Comparator.comparingDouble((Map.Entry<String, Set<String>> pattern) ->
                    2
                        * weight(common(stems, pattern.getValue()))
                        / (weight(stems) + weight(pattern.getValue())))
                .thenComparing(Map.Entry.comparingByKey()))
        .orElseThrow()
        .getKey();
  }

  /** A word that no action has says more than any that some have, and cannot be near. */
  private double weight(Set<String> stems) {
    return stems.stream().mapToDouble(stem -> rarity.getOrDefault(stem, rarest)).sum();
  }

  private static Set<String> common(Set<String> one, Set<String> other) {
    Set<String> common = new HashSet<>(one);
    common.retainAll(other);
    return common;
  }

  private static String start(String step) {
    return step.length() > 2_000 ? step.substring(0, 2_000) : step;
  }

  private static Set<String> words(String text) {
    return NO_WORD
        .splitAsStream(text.toLowerCase(Locale.ROOT))
        .filter(word -> word.length() > 1)
        .map(Scope::singular)
        .collect(Collectors.toSet());
  }

  private static Set<String> stems(String text) {
    return words(text).stream()
        .filter(word -> !GRAMMAR.contains(word))
        .map(word -> ENDING.matcher(word).replaceFirst(""))
        .map(word -> DOUBLED.matcher(word).replaceFirst("$1"))
        .collect(Collectors.toSet());
  }
}
