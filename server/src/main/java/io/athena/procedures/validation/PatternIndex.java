package io.athena.procedures.validation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the patterns that may match a name, without asking each. Immutable. */
final class PatternIndex {
  private static final String ANY = "*.";

  private final Map<Pattern.Kind, Map<String, List<Pattern>>> byName =
      new EnumMap<>(Pattern.Kind.class);
  private final Map<Pattern.Kind, List<Pattern>> all = new EnumMap<>(Pattern.Kind.class);

  /** Characters of the longest name: what is in a longer one is not looked for. */
  private int longest;

  PatternIndex(List<Pattern> patterns) {
    for (Pattern.Kind kind : Pattern.Kind.values()) {
      byName.put(kind, new HashMap<>());
      all.put(kind, new ArrayList<>());
    }
    for (Pattern pattern : patterns) {
      all.getOrDefault(pattern.kind(), List.of()).add(pattern);
      for (String name : pattern.names()) {
        longest = Math.max(longest, name.length());
        byName
            .getOrDefault(pattern.kind(), Map.of())
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .add(pattern);
      }
    }
  }

  /** All of a kind. */
  List<Pattern> of(Pattern.Kind kind) {
    return all.getOrDefault(kind, List.of());
  }

  /** Those that name this name, what it is in, or its last part. */
  List<Pattern> matching(Pattern.Kind kind, String name) {
    Map<String, List<Pattern>> names = byName.getOrDefault(kind, Map.of());
    if (names.isEmpty()) {
      return List.of();
    }
    List<Pattern> found = new ArrayList<>();
    add(names, name, found);
    int end = name.lastIndexOf('.');
    add(names, ANY + name.substring(end + 1), found);
    if (kind != Pattern.Kind.CALL) {
      // What is in a thing is the thing: but calling it is another matter.
      for (end = Math.min(end, name.lastIndexOf('.', longest));
          end > 0;
          end = name.lastIndexOf('.', end - 1)) {
        add(names, name.substring(0, end), found);
      }
    }
    add(names, "*", found);
    return found;
  }

  private static void add(Map<String, List<Pattern>> names, String name, List<Pattern> found) {
    List<Pattern> patterns = names.get(name);
    if (patterns != null) {
      found.addAll(patterns);
    }
  }
}
