package io.athena.procedures.generation;

import io.athena.procedures.v1.ValidationReport;

/** Examines code that was generated. */
@FunctionalInterface
public interface CodeValidation {
  /**
   * What there is to say of the code.
   *
   * @throws io.athena.procedures.error.ServiceException if it cannot be examined now
   */
  Result validate(String code, long procedureId);

  /**
   * What was found.
   *
   * @param refusal why the policy of the procedure's project does not let the code run; empty if it
   *     does
   */
  record Result(ValidationReport report, String refusal) {}
}
