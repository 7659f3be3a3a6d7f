package io.athena.procedures.procedure;

import io.athena.procedures.error.AbortedException;
import io.athena.procedures.v1.Procedure;
import java.util.Map;

/** Tags of a procedure's state, for callers who must not overwrite what they have not seen. */
public final class Etags {
  private Etags() {}

  /** The tag of a revision of a procedure. */
  public static String of(long procedureId, long revision) {
    return procedureId + "-" + revision;
  }

  /**
   * Compares what a caller has seen with what is stored.
   *
   * @param given empty if the caller does not mind
   * @throws AbortedException if they differ
   */
  public static void require(String given, Procedure stored) {
    if (!given.isEmpty() && !given.equals(stored.getEtag())) {
      throw new AbortedException(
          "ETAG_MISMATCH",
          "procedure %d has changed since it was read: its etag is %s now, not %s; read it again and repeat the call"
              .formatted(
                  stored.getProcedureId(),
                  TextRules.quote(stored.getEtag()),
                  TextRules.quote(given)),
          Map.of(
              "procedure_id", Long.toString(stored.getProcedureId()),
              "etag", stored.getEtag()));
    }
  }
}
