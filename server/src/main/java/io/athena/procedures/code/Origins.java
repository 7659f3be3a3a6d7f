package io.athena.procedures.code;

import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Procedure;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Where versions come from that were made elsewhere. Who imports code can tell anything of it: what
 * is told may lower the confidence in the code, and never raises it.
 */
public final class Origins {
  private static final Set<String> GENERATORS = Set.of("", "llm", "rules");
  private static final int MOST_CHARS = 100;

  private Origins() {}

  /** Checks what is told of code. */
  public static void check(Violations violations, String field, CodeOrigin origin) {
    TextRules.check(violations, field + ".code_sha256", origin.getCodeSha256(), MOST_CHARS);
    TextRules.check(violations, field + ".definition_id", origin.getDefinitionId(), MOST_CHARS);
    violations.check(
        GENERATORS.contains(origin.getGenerator()),
        field + ".generator",
        "must be 'llm' or 'rules', or empty for code that was not generated");
    checkShare(violations, field + ".step_coverage", origin.getStepCoverage());
    checkShare(violations, field + ".confidence", origin.getConfidence());
  }

  private static void checkShare(Violations violations, String field, double share) {
    violations.check(share >= 0 && share <= 1, field, "must be within 0.0 to 1.0");
  }

  /** True if code is told to be generated of another definition than the procedure has now. */
  static boolean isOutdated(CodeOrigin origin, String sha256, Procedure procedure) {
    return origin.getCodeSha256().equals(sha256)
        && !origin.getGenerator().isEmpty()
        && !origin.getDefinitionId().isEmpty()
        && !origin.getDefinitionId().equals(Definitions.id(procedure));
  }

  /** The current version, if it was made of the definition that the procedure has now. */
  static Optional<CodeVersion> madeOf(Handle handle, Procedure procedure) {
    return handle
        .attach(CodeDao.class)
        .find(procedure.getProcedureId(), procedure.getCurrentVersion(), true)
        .filter(current -> current.getOrigin().getDefinitionId().equals(Definitions.id(procedure)))
        .map(current -> current.toBuilder().clearCode().clearOrigin().build());
  }

  /** Keeps it for a new version, if it tells of this code. */
  static void keep(Handle handle, CodeVersion version, CodeOrigin origin) {
    if (!origin.getCodeSha256().equals(version.getSha256())) {
      return;
    }
    double coverage = origin.hasStepCoverage() ? origin.getStepCoverage() : 1;
    double odds =
        origin.hasConfidence() ? Confidence.priorOdds(origin.getConfidence(), coverage) : 1;
    EvidenceDao dao = handle.attach(EvidenceDao.class);
    if (coverage < 1 || odds < 1) {
      dao.begin(version.getProcedureId(), version.getVersion(), coverage, odds);
    }
    if (!origin.getDefinitionId().isEmpty()) {
      dao.origin(
          version.getProcedureId(),
          version.getVersion(),
          origin.getGenerator(),
          origin.getDefinitionId());
    }
  }
}
