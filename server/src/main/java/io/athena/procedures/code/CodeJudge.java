package io.athena.procedures.code;

import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.v1.ValidationReport;
import java.util.Optional;

/** Examines code that is to be saved. Thread-safe. */
@FunctionalInterface
public interface CodeJudge {
  /**
   * What is to be stored with a version.
   *
   * @param report what was found; empty if nothing is to be stored
   * @param refusal why the code must not run; empty if it may
   */
  record Verdict(Optional<ValidationReport> report, String refusal) {}

  /**
   * Examines code. Takes its time, so no transaction should be open.
   *
   * @param draft true if the code is to be saved whatever is found
   * @throws FailedPreconditionException if the code must not be saved
   * @throws io.athena.procedures.error.ServiceException if there is no such procedure, or the code
   *     cannot be examined now
   */
  Verdict judge(long procedureId, String code, boolean draft);
}
