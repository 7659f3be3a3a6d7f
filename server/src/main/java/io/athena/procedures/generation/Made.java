package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The code of a step.
 *
 * @param lines without the function's indentation
 * @param out the value it makes; null if it makes none
 * @param ending whether the function ends in it
 * @param otherwise whether the next step can say what is done otherwise
 * @param how the actions that it does
 * @param assumption what was taken for granted; empty if nothing was
 * @param scope the values there are after it
 */
record Made(
    List<String> lines,
    @Nullable Variable out,
    Ending ending,
    Otherwise otherwise,
    String how,
    String assumption,
    Needs needs,
    Scope scope) {

  /** Whether the function returns. */
  enum Ending {
    NEVER,
    /** Where a condition holds; it goes on where not. */
    SOMETIMES,
    ALWAYS
  }

  /** Whether something done otherwise can be added. */
  enum Otherwise {
    NONE,
    POSSIBLE,
    /** The value is there only where the condition holds. */
    NEEDED
  }

  /** Of a step without a condition, after which the function goes on. */
  Made(
      List<String> lines,
      @Nullable Variable out,
      String how,
      String assumption,
      Needs needs,
      Scope scope) {
    this(lines, out, Ending.NEVER, Otherwise.NONE, how, assumption, needs, scope);
  }

  /** True if the function can end in it. */
  boolean ends() {
    return ending != Ending.NEVER;
  }

  /** True if it makes a value, or none is needed since the function ends. */
  boolean settles() {
    return ending == Ending.ALWAYS || (ending == Ending.NEVER && out != null);
  }

  /** The variable that it changes or makes, as it is seen outside; null if it makes none. */
  @Nullable Variable target(Scope outside) {
    if (out == null || ends()) {
      return null;
    }
    Variable changed = out.changedIn(outside);
    if (changed == null) {
      return out;
    }
    Set<String> spoken = new HashSet<>(changed.spoken());
    spoken.addAll(out.spoken());
    return new Variable(
        changed.name(), out.type(), Set.copyOf(spoken), changed.origin(), false, changed.from());
  }

  /** The lines, and what they make as the value of that variable. */
  List<String> bound(@Nullable Variable value) {
    return value == null || out == null || ends() || out.name().equals(value.name())
        ? lines
        : joined(lines, List.of(value.name() + " = " + out.name()));
  }

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
