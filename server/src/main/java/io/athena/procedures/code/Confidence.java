package io.athena.procedures.code;

import org.apache.commons.numbers.gamma.LogBeta;

/**
 * Confidence in a version of code: the probability, as far as the evidence goes, that the version
 * is right, which means that it gives the right result for inputs it has not been tried on.
 *
 * <p>A version is either right or wrong, and each is as likely as the other before anything is
 * known. Bayes' theorem weighs the two by how well each explains what was seen:
 *
 * <ul>
 *   <li><b>Examples</b>, whose results were compared. Right code passes with a probability
 *       distributed as Beta(99, 1): one example in a hundred is itself wrong. Wrong code passes
 *       with one distributed as Beta(2.6, 1.4): it is right on 65 % of inputs on average.
 *   <li><b>Runs</b>, of which only is known whether they ended without an error. They do so with a
 *       probability distributed as Beta(49, 1) for right code (one in 50 fails for what it was
 *       given), and Beta(31, 1.4) for wrong code (one in 23).
 * </ul>
 *
 * <p>Such trials have the beta-binomial likelihood B(a + s, b + f) / B(a, b), with s successes and
 * f failures (A. Gelman and others, <i>Bayesian Data Analysis</i>, 3rd edition, section 2.4). With
 * L(right) and L(wrong), the products of the likelihoods of examples and runs,
 *
 * <pre>confidence = step coverage * odds * L(right) / (odds * L(right) + L(wrong))</pre>
 *
 * <p>The odds are 1, that right is as likely as wrong at first; or less, for code that was imported
 * and of which is told that it was worth less elsewhere. More is never believed.
 *
 * <p>With 1.4 in place of 1, wrong code that succeeds every time is the less likely the longer that
 * lasts, so that enough of either evidence makes sure, as assumed.
 *
 * <p>So it begins at 0.50. One example that passes gives 0.60, three 0.73, five 0.80; one that
 * fails gives 0.03, because little but wrong code fails. Five runs without an error give only 0.53,
 * 200 give 0.76 and a thousand 0.86, because wrong code mostly ends without an error; a run that
 * fails gives 0.32.
 *
 * <p>The database has the same function, {@code confidence_in_version}: runs change it there.
 *
 * <p>0.65 and 31 are fitted to one half of a set of functions that are right or subtly wrong, and
 * the result is calibrated on the other half: docs/confidence.md has the figures.
 */
final class Confidence {
  static final double PASSES_IF_RIGHT = 99;
  static final double PASSES_IF_WRONG = 2.6;
  static final double FAILURES_IF_WRONG = 1.4;
  static final double ENDS_WELL_IF_RIGHT = 49;
  static final double ENDS_WELL_IF_WRONG = 31;

  /** Of which a logarithm can be taken. */
  private static final double LEAST_ODDS = 1e-12;

  private Confidence() {}

  /**
   * What is known of a version.
   *
   * @param examplesPassed examples that gave what was expected, from 0
   * @param examplesFailed examples that did not, from 0
   * @param runsSucceeded runs that ended with SUCCESS, from 0
   * @param runsFailed runs that ended with FAILURE by fault of the code, from 0: without those that
   *     were cancelled or whose worker was lost
   * @param stepCoverage share of the procedure's steps that the code does, 0.0 to 1.0
   * @param priorOdds of right against wrong before all that, above 0 and at most 1
   */
  record Evidence(
      long examplesPassed,
      long examplesFailed,
      long runsSucceeded,
      long runsFailed,
      double stepCoverage,
      double priorOdds) {

    /** Where right and wrong were equally likely at first. */
    Evidence(
        long examplesPassed,
        long examplesFailed,
        long runsSucceeded,
        long runsFailed,
        double stepCoverage) {
      this(examplesPassed, examplesFailed, runsSucceeded, runsFailed, stepCoverage, 1);
    }
  }

  /**
   * The prior odds with which code begins that was worth so much elsewhere: those that make it
   * worth as much here, but no more than 1.
   *
   * @param confidence that is told of it, 0.0 to 1.0
   * @param stepCoverage with which that was reckoned
   */
  static double priorOdds(double confidence, double stepCoverage) {
    double right = stepCoverage > 0 ? Math.min(confidence / stepCoverage, 1) : 1;
    // What is 0.5 but for rounding is 0.5, so that code can be handed on any number of times.
    return right > 0.5 - 1e-9 ? 1 : Math.max(right / (1 - right), LEAST_ODDS);
  }

  /** In a version that was neither run nor tried on examples. */
  static double beforeAnyRun() {
    return of(new Evidence(0, 0, 0, 0, 1));
  }

  /** From 0.0 to 1.0; 0.5 times the step coverage if there were neither runs nor examples. */
  static double of(Evidence evidence) {
    double right = 1 / (1 + Math.exp(logOddsOfWrong(evidence)));
    return evidence.stepCoverage() * right;
  }

  private static double logOddsOfWrong(Evidence evidence) {
    long passed = evidence.examplesPassed();
    long failed = evidence.examplesFailed();
    long succeeded = evidence.runsSucceeded();
    long ended = evidence.runsFailed();
    return -Math.log(evidence.priorOdds())
        + logLikelihood(PASSES_IF_WRONG, FAILURES_IF_WRONG, passed, failed)
        - logLikelihood(PASSES_IF_RIGHT, 1, passed, failed)
        + logLikelihood(ENDS_WELL_IF_WRONG, FAILURES_IF_WRONG, succeeded, ended)
        - logLikelihood(ENDS_WELL_IF_RIGHT, 1, succeeded, ended);
  }

  /** Of trials whose probability of success is distributed as Beta(a, b). */
  private static double logLikelihood(double a, double b, long successes, long failures) {
    return LogBeta.value(a + successes, b + failures) - LogBeta.value(a, b);
  }
}
