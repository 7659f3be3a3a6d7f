package io.athena.procedures.generation;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the patterns that are most like a step which none fits. Immutable. */
final class NearestPatterns {
  private static final int MOST = 3;
  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

  private final List<Known> known;
  private final Set<String> vocabulary;

  private record Known(String source, Set<String> words) {}

  NearestPatterns(Catalogue catalogue) {
    this.known =
        catalogue.actions().stream()
            .flatMap(action -> action.patterns().stream())
            .map(pattern -> new Known(pattern.source(), words(pattern.source())))
            .toList();
    this.vocabulary =
        Stream.concat(
                known.stream().flatMap(each -> each.words().stream()),
                Stream.concat(catalogue.comparisons().stream(), catalogue.nouns().stream())
                    .flatMap(action -> action.patterns().stream())
                    .flatMap(pattern -> words(pattern.source()).stream()))
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Says which words are not understood.
   *
   * @param phrase that stands for nothing where a pattern has a value; null if none fits otherwise
   */
  String unread(String step, Scope scope, @Nullable String phrase) {
    List<String> unknown =
        NO_WORD
            .splitAsStream(step.length() > 2_000 ? step.substring(0, 2_000) : step)
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

  /** The three nearest, in quotes, nearest first. */
  String to(String step) {
    Set<String> words = words(step.length() > 2_000 ? step.substring(0, 2_000) : step);
    return known.stream()
        .sorted(
            Comparator.comparingDouble((Known each) -> -likeness(words, each.words()))
                .thenComparing(Known::source))
        .limit(MOST)
        .map(each -> "\"" + each.source() + "\"")
        .collect(Collectors.joining(", "));
  }

  /** Sørensen–Dice coefficient of the words. */
  private static double likeness(Set<String> one, Set<String> other) {
    Set<String> common = new HashSet<>(one);
    common.retainAll(other);
    return 2.0 * common.size() / Math.max(1, one.size() + other.size());
  }

  private static Set<String> words(String text) {
    return NO_WORD
        .splitAsStream(text.toLowerCase(Locale.ROOT))
        .filter(word -> word.length() > 1)
        .map(Scope::singular)
        .collect(Collectors.toSet());
  }
}
