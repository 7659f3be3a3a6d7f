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
  ValidationReport validate(String code, long procedureId);
}
