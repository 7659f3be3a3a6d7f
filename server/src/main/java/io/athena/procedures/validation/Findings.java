package io.athena.procedures.validation;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what is found, as grave as a policy takes it, each thing once. Not thread-safe. */
final class Findings {
  /** More than this nobody reads, and a response must stay small. */
  static final int MOST = 500;

  private static final int LONGEST_MESSAGE = 1_000;

  private final Policy policy;
  private final Set<Key> seen = new HashSet<>();
  private final List<Issue.Builder> issues = new ArrayList<>();

  private record Key(String rule, int line, int column, String message) {}

  Findings(Policy policy) {
    this.policy = policy;
  }

  Policy policy() {
    return policy;
  }

  void add(String ruleId, Place place, String message) {
    add(ruleId, place, message, null);
  }

  /**
   * Adds a finding.
   *
   * @param severity in place of the rule's, unless the policy says something of the rule; null for
   *     the rule's own
   */
  void add(String ruleId, Place place, String message, @Nullable Severity severity) {
    Rule rule = Rules.of(ruleId);
    Severity grave =
        severity == null || policy.severities().containsKey(ruleId)
            ? policy.severity(rule)
            : severity;
    if (grave == Severity.SEVERITY_UNSPECIFIED
        || !seen.add(new Key(ruleId, place.line(), place.column(), message))) {
      return;
    }
    issues.add(
        Issue.newBuilder()
            .setRuleId(ruleId)
            .setCategory(rule.category())
            .setSeverity(grave)
            .setMessage(
                message.length() > LONGEST_MESSAGE
                    ? message.substring(0, LONGEST_MESSAGE) + "…"
                    : message)
            .setLine(place.line())
            .setColumn(place.column())
            .setEndLine(place.endLine())
            .setEndColumn(place.endColumn()));
  }

  /** All so far, to be silenced. */
  List<Issue.Builder> issues() {
    return issues;
  }

  /** Gravest first, then by place; those that are silenced last. */
  List<Issue> sorted() {
    return issues.stream()
        .map(Issue.Builder::build)
        .sorted(
            Comparator.comparing((Issue issue) -> !issue.getSilencedReason().isEmpty())
                .thenComparingInt(issue -> -issue.getSeverityValue())
                // Why it does not parse comes before what else is wrong.
                .thenComparing(issue -> issue.getCategory() != IssueCategory.ISSUE_CATEGORY_SYNTAX)
                .thenComparingInt(Issue::getLine)
                .thenComparingInt(Issue::getColumn)
                .thenComparing(Issue::getRuleId))
        .limit(MOST)
        .toList();
  }
}
