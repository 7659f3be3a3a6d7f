package io.athena.procedures.code;

import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Confidence in a version of code: a probability that its next run succeeds which the evidence
 * supports.
 *
 * <p>Runs, and examples that were run when the code was generated, are taken as independent trials
 * with one unknown probability of success. With the uniform prior Beta(1, 1), after {@code s}
 * successes and {@code f} failures that probability is distributed as Beta(1 + s, 1 + f) (the
 * conjugate posterior of the binomial; A. Gelman and others, <i>Bayesian Data Analysis</i>, 3rd
 * edition, section 2.4). Confidence is the quantile of that distribution below which 20 % of it
 * lies, times the share of the procedure's steps that the code does. So it begins at 0.2, grows
 * with every success, by less each time, and only much evidence brings it near the observed rate: 1
 * success gives 0.45, 3 give 0.67, 10 give 0.86, 9 of 10 give 0.75, and 90 of 100 give 0.87; with
 * one of two steps missing each is half of that.
 */
public final class Confidence {
  private static final double SHARE_BELOW = 0.2;
  private static final double MOST_WITHOUT_RUNS = 0.69;

  private Confidence() {}

  /** Of a version that has not run. */
  public static double beforeAnyRun() {
    return of(0, 0);
  }

  /** Of a version that does all the steps of its procedure, or of which that is not known. */
  public static double of(long successes, long failures) {
    return of(successes, failures, 1.0);
  }

  /**
   * Of a version.
   *
   * @param successes runs that ended with SUCCESS, and examples that gave what was expected, from 0
   * @param failures runs that ended with FAILURE by fault of the code, from 0: without those that
   *     were cancelled or whose worker was lost; and examples that did not
   * @param stepCoverage share of the steps that the code does, 0.0 to 1.0
   * @return from 0.0, below 1.0; at most 0.69 if there were neither runs nor examples
   */
  public static double of(long successes, long failures, double stepCoverage) {
    double bound =
        BetaDistribution.of(1.0 + successes, 1.0 + failures)
            .inverseCumulativeProbability(SHARE_BELOW);
    return stepCoverage * (successes + failures == 0 ? Math.min(bound, MOST_WITHOUT_RUNS) : bound);
  }
}
