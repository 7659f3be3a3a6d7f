package io.athena.procedures.generation;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the code of a step needs besides itself. Not thread-safe. */
final class Needs {
  private final Set<String> imports = new TreeSet<>();
  private final Set<String> helpers = new LinkedHashSet<>();
  private final Set<String> tools = new TreeSet<>();
  private @Nullable String problem;
  private @Nullable String unread;

  void add(Action action) {
    imports.addAll(action.imports());
    helpers.addAll(action.helpers());
    if (!action.tool().isEmpty()) {
      tools.add(action.tool());
    }
  }

  /** Adds a module, as {@code module} or {@code module:name}. */
  void addImport(String module) {
    imports.add(module);
  }

  void addHelper(String name) {
    helpers.add(name);
  }

  void addTool(String name) {
    tools.add(name);
  }

  void addAll(Needs others) {
    imports.addAll(others.imports);
    helpers.addAll(others.helpers);
    tools.addAll(others.tools);
  }

  /** Notes why a step cannot be read; the first reason counts. */
  void problem(String what) {
    if (problem == null) {
      problem = what;
    }
  }

  /** Notes words that stand for nothing; those of the pattern that says the most come first. */
  void unread(String words) {
    if (unread == null) {
      unread = words;
    }
  }

  @Nullable String unread() {
    return unread;
  }

  Set<String> imports() {
    return imports;
  }

  Set<String> helpers() {
    return helpers;
  }

  Set<String> tools() {
    return tools;
  }

  @Nullable String problem() {
    return problem;
  }
}
