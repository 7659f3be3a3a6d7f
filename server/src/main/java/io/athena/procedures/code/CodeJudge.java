package io.athena.procedures.code;

import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidationReport;
import java.util.Optional;

/** Examines code that is to be saved. Thread-safe. */
@FunctionalInterface
public interface CodeJudge {
  /**
   * Examines code. Takes its time, so no transaction should be open.
   *
   * @param draft true if the code is to be saved whatever is found
   * @return what was found, to be stored with the version; empty if nothing is to be stored
   * @throws FailedPreconditionException if the code must not be saved
   * @throws io.athena.procedures.error.ServiceException if there is no such procedure, or the code
   *     cannot be examined now
   */
  Optional<ValidationReport> judge(long procedureId, String code, boolean draft);

  /**
   * Examines code of a procedure that is perhaps not stored yet. Takes its time, too.
   *
   * @throws FailedPreconditionException if the code must not be saved
   * @throws io.athena.procedures.error.ServiceException if the code cannot be examined now
   */
  default Optional<ValidationReport> judgeOf(Procedure definition, String code) {
    return judge(definition.getProcedureId(), code, false);
  }

  /**
   * Examines code that was saved before and is to become current again. Takes its time, too.
   *
   * @throws FailedPreconditionException if the code must not be saved now
   * @throws io.athena.procedures.error.ServiceException if there is no such procedure, or the code
   *     cannot be examined now
   */
  default void judgeAgain(long procedureId, String code) {
    judge(procedureId, code, false);
  }
}
