package io.athena.procedures.validation;

import io.athena.procedures.v1.Severity;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What facts amount to. Policies are data: see {@code policies/default.json}.
 *
 * @param onSave what saving does with errors
 * @param onExecute what running does with errors found when the code was saved
 * @param severities for rules that this policy takes otherwise; UNSPECIFIED turns a rule off
 * @param allowedModules the only ones that may be imported; empty for any that is not forbidden
 * @param forbiddenModules with the reasons
 * @param discouragedModules with the reasons
 * @param forbiddenBuiltins with the reasons
 * @param discouragedBuiltins with the reasons
 * @param forbiddenAttributes with the reasons
 * @param suspectAttributes those that lead to forbidden ones, with the reasons
 * @param capabilities what a name, or a module and all in it, needs
 */
record Policy(
    String name,
    String description,
    Mode onSave,
    Mode onExecute,
    Silencing silencing,
    Map<String, Severity> severities,
    Set<String> allowedModules,
    Map<String, String> forbiddenModules,
    Map<String, String> discouragedModules,
    Map<String, String> forbiddenBuiltins,
    Map<String, String> discouragedBuiltins,
    Map<String, String> forbiddenAttributes,
    Map<String, String> suspectAttributes,
    Map<String, String> capabilities,
    Limits limits,
    List<Pattern> patterns,
    PatternIndex index) {

  /** What happens to code with errors. */
  enum Mode {
    /** Nothing; only that it parses is looked at. */
    OFF,
    /** It is told, and stored. */
    WARN,
    /** It is refused. */
    ENFORCE
  }

  /** Which findings a comment in the code may silence. */
  enum Silencing {
    ALL,
    BELOW_ERROR,
    NONE
  }

  /**
   * Sizes beyond which code is told to be too large.
   *
   * @param complexity cyclomatic, of a function
   */
  record Limits(int lines, int functionLines, int complexity, int parameters) {}

  /** How grave a rule is here; UNSPECIFIED if it is off. */
  Severity severity(Rule rule) {
    return severities.getOrDefault(rule.id(), rule.severity());
  }
}
