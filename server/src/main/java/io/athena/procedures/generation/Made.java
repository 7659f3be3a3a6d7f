package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The code of a step.
 *
 * @param lines without the function's indentation
 * @param out the value it makes; null if it makes none
 * @param returns true if the function can end in it
 * @param branch true if the function may go on after it even so; an "otherwise" can be added to it
 * @param how the actions that it does
 * @param assumption what was taken for granted; empty if nothing was
 * @param scope the values there are after it
 */
record Made(
    List<String> lines,
    @Nullable Variable out,
    boolean returns,
    boolean branch,
    String how,
    String assumption,
    Needs needs,
    Scope scope) {

  /** That one step has taken the code of the step before into itself. */
  boolean isAgain(Made previous) {
    return scope == previous.scope;
  }

  static List<String> indented(List<String> lines) {
    return lines.stream().map(line -> line.isEmpty() ? line : "    " + line).toList();
  }

  static List<String> joined(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  static String joined(String first, String second, String with) {
    if (first.isEmpty() || second.isEmpty() || first.equals(second)) {
      return first.isEmpty() ? second : first;
    }
    return first + with + second;
  }
}
