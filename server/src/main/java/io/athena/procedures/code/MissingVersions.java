package io.athena.procedures.code;

import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.TextRules;
import java.util.Map;

/** Says that a procedure has no such version, and which it has. */
final class MissingVersions {
  private static final String REASON = "VERSION_NOT_FOUND";

  private MissingVersions() {}

  /**
   * The failure for a procedure whose versions are numbered 1 to {@code newest}.
   *
   * @param asked as the caller named it; empty for the current one
   * @param newest 0 if there is no code
   */
  static NotFoundException of(long procedureId, String asked, int newest) {
    Map<String, String> metadata = Map.of("procedure_id", Long.toString(procedureId));
    if (newest == 0) {
      return new NotFoundException(
          REASON,
          "procedure %d has no code yet; save some with SaveProcedureCode".formatted(procedureId),
          metadata);
    }
    return new NotFoundException(
        REASON,
        "procedure %d has no version %s; it has %s"
            .formatted(
                procedureId, TextRules.quote(asked), newest == 1 ? "v1 only" : "v1 to v" + newest),
        metadata);
  }
}
