package io.athena.procedures.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.UnmatchedArgumentException;

/** What may have been meant by a word that is unknown. */
final class Suggestions {
  /** A slip or two of the fingers; what is further away is another word. */
  private static final int FARTHEST = 2;

  private Suggestions() {}

  /** The nearest options, or commands where one is awaited. */
  static List<String> forUnmatched(UnmatchedArgumentException failure) {
    String word = failure.getUnmatched().getFirst();
    if (word.startsWith("-")) {
      return nearest(
          word.replaceFirst("=.*", ""),
          failure.getCommandLine().getCommandSpec().optionsMap().keySet());
    }
    return failure.getCommandLine().getParent() == null
        ? nearest(word, Commands.names())
        : List.of();
  }

  static List<String> nearest(String word, Collection<String> candidates) {
    TreeMap<Integer, List<String>> byDistance =
        candidates.stream()
            .collect(
                Collectors.groupingBy(
                    candidate -> distance(word, candidate), TreeMap::new, Collectors.toList()));
    Map.Entry<Integer, List<String>> first = byDistance.firstEntry();
    return first != null && first.getKey() <= FARTHEST && first.getKey() < word.length()
        ? first.getValue()
        : List.of();
  }

  /** Levenshtein distance, with the swap of two neighbours as one step. */
  private static int distance(String left, String right) {
    int[][] distances = new int[left.length() + 1][right.length() + 1];
    for (int row = 0; row <= left.length(); row++) {
      for (int column = 0; column <= right.length(); column++) {
        if (row == 0 || column == 0) {
          distances[row][column] = row + column;
          continue;
        }
        int change = left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1;
        int least =
            Math.min(
                distances[row - 1][column - 1] + change,
                1 + Math.min(distances[row - 1][column], distances[row][column - 1]));
        if (row > 1
            && column > 1
            && left.charAt(row - 1) == right.charAt(column - 2)
            && left.charAt(row - 2) == right.charAt(column - 1)) {
          least = Math.min(least, distances[row - 2][column - 2] + 1);
        }
        distances[row][column] = least;
      }
    }
    return distances[left.length()][right.length()];
  }
}
