package io.athena.procedures.execution;

import io.athena.procedures.v1.ExecutionState;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;

/** Enum values as they stand in the database: the Protobuf names without their prefix. */
final class Names {
  private static final String STATE = "EXECUTION_STATE_";
  private static final String OUTCOME = "OUTCOME_";
  private static final String FAILURE_KIND = "FAILURE_KIND_";

  private Names() {}

  static String of(ExecutionState state) {
    return state.name().substring(STATE.length());
  }

  static String of(Outcome outcome) {
    return outcome.name().substring(OUTCOME.length());
  }

  static String of(FailureKind kind) {
    return kind.name().substring(FAILURE_KIND.length());
  }

  static ExecutionState state(String name) {
    return ExecutionState.valueOf(STATE + name);
  }

  static Outcome outcome(String name) {
    return Outcome.valueOf(OUTCOME + name);
  }

  static FailureKind failureKind(String name) {
    return FailureKind.valueOf(FAILURE_KIND + name);
  }
}
