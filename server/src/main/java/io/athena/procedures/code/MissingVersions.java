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
            .formatted(procedureId, TextRules.quote(asked), range(newest)),
        metadata);
  }

  /** The failure for the hash of a commit that another procedure has. */
  static NotFoundException ofAnother(long procedureId, String asked, int newest, long other) {
    return new NotFoundException(
        REASON,
        "procedure %d has no version %s, which is a commit of procedure %d; it has %s"
            .formatted(procedureId, TextRules.quote(asked), other, range(newest)),
        Map.of("procedure_id", Long.toString(procedureId)));
  }

  /** The failure for what may be too few digits of a commit's hash. */
  static NotFoundException ofFewDigits(long procedureId, String asked, int newest) {
    return new NotFoundException(
        REASON,
        "procedure %d has no version %s; it has %s, and of a commit's hash 7 or more digits are needed"
            .formatted(procedureId, TextRules.quote(asked), range(newest)),
        Map.of("procedure_id", Long.toString(procedureId)));
  }

  private static String range(int newest) {
    return switch (newest) {
      case 0 -> "no code yet";
      case 1 -> "v1 only";
      default -> "v1 to v" + newest;
    };
  }
}
