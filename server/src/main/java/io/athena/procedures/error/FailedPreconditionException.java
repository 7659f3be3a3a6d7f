package io.athena.procedures.error;

import java.util.List;
import java.util.Map;

/** The object is not in a state that allows the call, and repeating the call will not help. */
public final class FailedPreconditionException extends ServiceException {
  private final List<Violation> violations;

  /**
   * One thing that must be mended first.
   *
   * @param type what kind of thing, such as the id of a rule
   * @param subject where it is
   * @param description what is wrong
   */
  public record Violation(String type, String subject, String description) {}

  /** With a stable {@code reason}, a message for people, and values for programs. */
  public FailedPreconditionException(String reason, String message, Map<String, String> metadata) {
    this(reason, message, metadata, List.of());
  }

  /** The same with all that must be mended first. */
  public FailedPreconditionException(
      String reason, String message, Map<String, String> metadata, List<Violation> violations) {
    super(reason, message, metadata);
    this.violations = List.copyOf(violations);
  }

  /** What must be mended first; empty if the message says it all. */
  public List<Violation> violations() {
    return violations;
  }
}
