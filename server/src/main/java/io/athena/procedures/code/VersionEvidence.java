package io.athena.procedures.code;

import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.v1.Procedure;
import org.jdbi.v3.core.Handle;

/**
 * What is known of a version beside its runs.
 *
 * @param examplesPassed examples that gave what was expected
 * @param examplesFailed examples that did not, or ended with an error
 * @param examplesRan examples that ended without an error and expect no result: each is worth what
 *     a run is
 * @param stepCoverage share of the procedure's steps that the code does, 0.0 to 1.0
 */
public record VersionEvidence(
    int examplesPassed, int examplesFailed, int examplesRan, double stepCoverage) {

  /** The confidence that this alone supports. */
  public double confidence() {
    return Confidence.of(
        new Confidence.Evidence(examplesPassed, examplesFailed, examplesRan, 0, stepCoverage));
  }

  /** Keeps it for a version, in place of what was kept before; gives the version's confidence. */
  public double keep(Handle handle, long procedureId, int version) {
    return handle
        .attach(EvidenceDao.class)
        .replace(procedureId, version, examplesPassed, examplesFailed, examplesRan, stepCoverage);
  }

  /**
   * Keeps it for code that was generated, whether it is saved or not: a version that gets the same
   * code of the same definition begins with it. Nothing is kept if the procedure is gone.
   *
   * @param madeOf the definition that the code was made of
   * @param generator what made it, such as "rules"
   */
  public void note(Handle handle, Procedure madeOf, String code, String generator) {
    EvidenceDao dao = handle.attach(EvidenceDao.class);
    String definitionId = Definitions.id(madeOf);
    dao.forgetOthers(madeOf.getProcedureId(), definitionId);
    dao.note(
        madeOf.getProcedureId(),
        NewVersion.sha256(code),
        definitionId,
        generator,
        examplesPassed,
        examplesFailed,
        examplesRan,
        stepCoverage);
  }
}
