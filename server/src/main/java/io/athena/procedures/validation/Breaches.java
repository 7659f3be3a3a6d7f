package io.athena.procedures.validation;

import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The errors for which a policy refuses code.
 *
 * @param policy name of the policy
 */
record Breaches(String policy, List<Issue> errors) {
  private static final int MOST_TOLD = 3;

  static Breaches in(ValidationReport report) {
    return new Breaches(
        report.getPolicy(), report.getIssuesList().stream().filter(Breaches::isError).toList());
  }

  /** True if it must be mended. */
  static boolean isError(Issue issue) {
    return issue.getSeverity() == Severity.SEVERITY_ERROR && issue.getSilencedReason().isEmpty();
  }

  boolean isEmpty() {
    return errors.isEmpty();
  }

  /** The first few, and how many more there are. */
  String told() {
    int more = errors.size() - MOST_TOLD;
    return "the code breaks policy '%s': %s%s"
        .formatted(
            policy,
            errors.stream().limit(MOST_TOLD).map(Breaches::told).collect(Collectors.joining("; ")),
            more > 0 ? "; and " + more + " more" : "");
  }

  /** One, with its place. */
  static String told(Issue issue) {
    return (issue.getLine() == 0 ? "" : "line " + issue.getLine() + ": ")
        + issue.getMessage()
        + " ["
        + issue.getRuleId()
        + "]";
  }

  /** The refusal that names them all. */
  FailedPreconditionException refusal(String reason, String message, Map<String, String> metadata) {
    return new FailedPreconditionException(
        reason,
        message,
        metadata,
        errors.stream()
            .map(issue ->
                new FailedPreconditionException.Violation(
                    issue.getRuleId(),
                    issue.getLine() == 0 ? "code" : "line " + issue.getLine(),
                    issue.getMessage()))
            .toList());
  }
}
