package io.athena.procedures.validation;

import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Severity;

/**
 * Something that code can be found to do.
 *
 * @param id stable, such as "forbidden-module"
 * @param severity how grave it is unless a policy says otherwise
 * @param summary one sentence
 */
record Rule(String id, IssueCategory category, Severity severity, String summary) {
  /** Where it is explained, from the root of the repository. */
  String page() {
    return "docs/rules/" + id + ".md";
  }

  /**
   * True if it is about whether the code could be examined at all; such a rule is always an error.
   */
  boolean isOfSyntax() {
    return category == IssueCategory.ISSUE_CATEGORY_SYNTAX;
  }

  /** False if a comment in the code must not make it go away. */
  boolean canBeSilenced() {
    return !isOfSyntax() && !id.startsWith("silence-");
  }
}
