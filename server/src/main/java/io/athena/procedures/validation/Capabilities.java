package io.athena.procedures.validation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What code would need beyond computing, by the names it reaches. */
final class Capabilities {
  private Capabilities() {}

  static List<String> of(Facts facts, Policy policy) {
    Set<String> needed = new TreeSet<>();
    Map<String, String> capabilities = policy.capabilities();
    for (Facts.Import each : facts.imports()) {
      add(each.module(), capabilities, needed);
      if (!each.name().isEmpty()) {
        add(each.module() + "." + each.name(), capabilities, needed);
      }
    }
    facts.uses().forEach(use -> add(use.name(), capabilities, needed));
    return List.copyOf(needed);
  }

  private static void add(String name, Map<String, String> capabilities, Set<String> needed) {
    for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
      String capability = capabilities.get(name.substring(0, end));
      if (capability != null) {
        needed.add(capability);
        return;
      }
    }
  }
}
