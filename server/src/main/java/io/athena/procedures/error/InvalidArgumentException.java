package io.athena.procedures.error;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Fields of the request break rules. */
public final class InvalidArgumentException extends ServiceException {
  private final List<Violation> violations;

  /**
   * A field that breaks a rule.
   *
   * @param field path in the request, such as {@code procedure.steps[2].description}
   * @param description what is wrong and what would be right
   */
  public record Violation(String field, String description) {}

  /** One field breaks a rule. */
  public InvalidArgumentException(String field, String description) {
    this(List.of(new Violation(field, description)));
  }

  /** At least one field breaks a rule. */
  public InvalidArgumentException(List<Violation> violations) {
    this("INVALID_ARGUMENT", violations);
  }

  /** At least one field breaks a rule that has a reason of its own. */
  public InvalidArgumentException(String reason, List<Violation> violations) {
    super(
        reason,
        violations.stream()
            .map(violation -> violation.field() + ": " + violation.description())
            .collect(Collectors.joining("; ")),
        Map.of());
    this.violations = List.copyOf(violations);
  }

  /** The fields, in the order they were found. */
  public List<Violation> violations() {
    return violations;
  }
}
