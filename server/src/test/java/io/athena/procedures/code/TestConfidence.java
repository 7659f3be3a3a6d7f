package io.athena.procedures.code;

/** Confidence, for tests of other packages. */
public final class TestConfidence {
  private TestConfidence() {}

  /** In code of which only is known that so many runs succeeded. */
  public static double afterRuns(long succeeded) {
    return Confidence.of(new Confidence.Evidence(0, 0, succeeded, 0, 1));
  }
}
