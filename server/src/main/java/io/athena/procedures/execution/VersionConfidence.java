package io.athena.procedures.execution;

import org.apache.commons.statistics.distribution.BetaDistribution;

/** Confidence in a version, from its runs. See {@code CodeVersion.confidence}. */
final class VersionConfidence {
  private static final double LOWER_BOUND = 0.2;
  private static final double WITHOUT_EVIDENCE = 0.69;

  private VersionConfidence() {}

  static double of(CompletionDao.Counts counts) {
    long faults = counts.failureCount() - counts.noFaultCount();
    double bound =
        BetaDistribution.of(1.0 + counts.successCount(), 1.0 + faults)
            .inverseCumulativeProbability(LOWER_BOUND);
    return counts.successCount() + faults == 0 ? Math.min(bound, WITHOUT_EVIDENCE) : bound;
  }
}
