package io.athena.procedures.code;

import io.athena.procedures.error.FailedPreconditionException;

/** Says whether a version may run now. Thread-safe. */
@FunctionalInterface
public interface RunJudge {
  /**
   * Judges the version by the policy that holds now. Takes its time where neither this version nor
   * its definition has been judged by that policy before, so no transaction should be open.
   *
   * @throws FailedPreconditionException if it must not run
   * @throws io.athena.procedures.error.ServiceException if it must be examined for that and cannot
   *     be now
   */
  void require(RunnableCode code);
}
