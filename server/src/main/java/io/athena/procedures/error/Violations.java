package io.athena.procedures.error;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects all that is wrong with a request, so that its caller learns everything at once. Not
 * thread-safe.
 */
public final class Violations {
  /** More than this a caller cannot use, and status details must stay small. */
  private static final int MOST = 20;

  private final List<InvalidArgumentException.Violation> violations = new ArrayList<>();

  /** Notes that {@code field} breaks a rule, unless {@code holds}. */
  public void check(boolean holds, String field, String description) {
    if (!holds && violations.size() < MOST) {
      violations.add(new InvalidArgumentException.Violation(field, description));
    }
  }

  /**
   * Ends the examination.
   *
   * @throws InvalidArgumentException if anything was noted
   */
  public void throwIfAny() {
    if (!violations.isEmpty()) {
      throw new InvalidArgumentException(violations);
    }
  }
}
