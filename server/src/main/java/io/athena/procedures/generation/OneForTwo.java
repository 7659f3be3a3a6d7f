package io.athena.procedures.generation;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells where a value fills a slot only because nothing else was there. */
final class OneForTwo {
  private OneForTwo() {}

  /** True if one value was found for two slots that the words do not say to be the same. */
  static boolean isFound(Map<String, String> slots, Map<String, Expr> values, Set<String> given) {
    Map<String, String> seen = new HashMap<>();
    for (Map.Entry<String, Expr> slot : values.entrySet()) {
      String value = identity(slot.getValue());
      if (value == null || given.contains(slot.getKey())) {
        continue;
      }
      String words = slots.getOrDefault(slot.getKey(), "").toLowerCase(Locale.ROOT);
      String before = seen.putIfAbsent(value, words);
      if (before != null && (words.isEmpty() || !before.equals(words))) {
        return true;
      }
    }
    return false;
  }

  /** What tells a variable, or each element of a list, from others; null for what is neither. */
  private static @Nullable String identity(Expr value) {
    Variable variable = value.variable();
    if (variable != null) {
      return variable.name();
    }
    return value.over() == null || value.taken() != null ? null : value.code();
  }
}
