package io.athena.procedures.generation;

import io.athena.procedures.code.VersionEvidence;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Evidence;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.ValidationReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Code that was made, and all that is known of its worth.
 *
 * @param attempt number of the attempt that made it, from 1
 * @param generator "llm" or "rules"
 * @param refusal why the project's policy does not let it run; empty if it does
 * @param runs of the procedure's examples, in their order
 */
record Candidate(
    int attempt,
    String generator,
    Draft draft,
    ValidationReport report,
    String refusal,
    List<ExampleRun> runs) {

  /** True if it parses and keeps to the policy; other code is neither run nor saved. */
  boolean isAcceptable() {
    return fault().isEmpty();
  }

  /** Why it is not acceptable; empty if it is. */
  String fault() {
    if (!report.getChecks().getSyntax()) {
      return "the code does not parse; `validation` says where";
    }
    if (!refusal.isEmpty()) {
      return refusal;
    }
    return report.getChecks().getSecurity()
        ? ""
        : "the code breaks the policy; `validation` says where";
  }

  /** Probability that it is right, 0.0 to 1.0, as far as is known. */
  double confidence() {
    return isAcceptable() ? kept().confidence() : 0;
  }

  /** The evidence as it is kept with a version. */
  VersionEvidence kept() {
    Evidence evidence = evidence();
    return new VersionEvidence(
        evidence.getExamplesPassed(),
        evidence.getExamplesFailed(),
        evidence.getExamplesNotCompared(),
        evidence.getStepCoverage());
  }

  Evidence evidence() {
    int ended = (int) runs.stream().filter(ExampleRun::getPassed).count();
    int notCompared = (int) runs.stream().filter(ExampleRun::getNotCompared).count();
    int skipped = (int) runs.stream().filter(ExampleRun::getSkipped).count();
    return Evidence.newBuilder()
        .setExamplesPassed(ended - notCompared)
        .setExamplesNotCompared(notCompared)
        .setExamplesFailed(runs.size() - ended - skipped)
        .setExamplesSkipped(skipped)
        .setStepCoverage(draft.coverage())
        .build();
  }

  /** Of two the one with the better evidence; of equals the earlier. */
  static Candidate better(@Nullable Candidate one, Candidate other) {
    if (one == null) {
      return other;
    }
    int byConfidence = Double.compare(one.confidence(), other.confidence());
    if (byConfidence != 0) {
      return byConfidence > 0 ? one : other;
    }
    return one.report.getQualityScore() >= other.report.getQualityScore() ? one : other;
  }
}
