package io.athena.procedures.procedure;

import io.athena.procedures.v1.Procedure;

/** A place in the list of procedures by confidence. */
record ConfidencePosition(double confidence, long procedureId) {
  static final ConfidencePosition BEFORE_ALL = new ConfidencePosition(2, 0);

  static ConfidencePosition of(Procedure procedure) {
    return new ConfidencePosition(procedure.getConfidence(), procedure.getProcedureId());
  }

  static ConfidencePosition parse(String text) {
    String[] parts = text.split("/", 2);
    return new ConfidencePosition(Double.parseDouble(parts[0]), Long.parseLong(parts[1]));
  }

  /** Text that {@link #parse} reads without loss. */
  @Override
  public String toString() {
    return confidence + "/" + procedureId;
  }
}
