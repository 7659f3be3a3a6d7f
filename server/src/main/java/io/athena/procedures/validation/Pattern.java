package io.athena.procedures.validation;

import io.athena.procedures.v1.Severity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something a policy looks for among the facts.
 *
 * @param rule id of the rule it belongs to
 * @param names qualified names; "a.b" also stands for all in it, "*.b" for that method of anything
 * @param when what must hold for the arguments of a call, all of it
 * @param texts beginnings of strings, for kinds of strings
 * @param severity in place of the rule's; null for the rule's own
 * @param message for people; {@code {name}} and {@code {text}} stand for what was found
 */
record Pattern(
    String rule,
    Kind kind,
    List<String> names,
    List<Condition> when,
    List<String> texts,
    @Nullable Severity severity,
    String message) {

  /** Which facts it looks at. */
  enum Kind {
    USE,
    CALL,
    IMPORT,
    STRING,
    FORMATTED,
    ASSIGNED
  }

  boolean matches(Facts.Call call) {
    for (Condition condition : when) {
      if (!condition.holds(call)) {
        return false;
      }
    }
    return true;
  }
}
