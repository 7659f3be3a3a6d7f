package io.athena.procedures.validation;

import io.athena.procedures.validation.Facts.Function;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The function that a run would call, found as {@code athena_harness/entry.py} finds it.
 *
 * @param function null for a script, or if none can be told to be it
 * @param candidates names of public functions, if there are several and none can be told to be it
 */
record EntryPoint(@Nullable Function function, List<String> candidates) {
  private static final EntryPoint NONE = new EntryPoint(null, List.of());
  private static final List<String> USUAL = List.of("main", "run");

  /**
   * Finds it.
   *
   * @param procedureName empty if the code is for no procedure yet
   */
  static EntryPoint of(Facts facts, String procedureName) {
    if (facts.script()) {
      return NONE;
    }
    List<Function> own =
        facts.functions().stream().filter(each -> each.top() && each.isPublic()).toList();
    Function named = last(own, procedureName);
    for (String usual : USUAL) {
      if (named == null) {
        named = last(own, usual);
      }
    }
    if (named != null) {
      return new EntryPoint(named, List.of());
    }
    List<String> names = own.stream().map(Function::name).distinct().toList();
    return names.size() == 1
        ? new EntryPoint(last(own, names.get(0)), List.of())
        : new EntryPoint(null, names);
  }

  /** The last one of a name is the one that counts. */
  private static @Nullable Function last(List<Function> functions, String name) {
    Function found = null;
    for (Function each : functions) {
      if (each.name().equals(name)) {
        found = each;
      }
    }
    return found;
  }

  String name() {
    return function == null ? "" : function.name();
  }

  String signature() {
    return function == null ? "" : function.signature();
  }
}
