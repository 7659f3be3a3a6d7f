package io.athena.procedures.bench;

import java.util.List;

/** The list of what the figures of runs are held against, as ratios within one measurement. */
final class RunBars {
  private RunBars() {}

  static List<Bar> of(List<Report.Row> rows, double idleSlotMebibytes) {
    double bare = median(rows, RunCases.BARE, 1);
    double rate = rate(rows, RunCases.BACK_TO_BACK, RunCases.MANY);
    String calls = "runs a second of " + RunCases.MANY + " callers over ";
    return List.of(
        Bar.atMost(
            "p50 of a call on its own over bare python3 -I -S -c pass",
            median(rows, RunCases.ON_ITS_OWN, 1) / bare,
            0.4,
            ""),
        Bar.atMost(
            "p50 of calls back to back over bare python3 -I -S -c pass",
            median(rows, RunCases.BACK_TO_BACK, 1) / bare,
            0.4,
            ""),
        Bar.atLeast(
            calls + "python3 -c pass, two at a time",
            rate / rate(rows, RunCases.BARE_WITH_SITE, 2),
            1.5,
            ""),
        Bar.atLeast(
            calls + "fork and isolate in one container, two at a time",
            rate / rate(rows, RunCases.FORK, 2),
            0.7,
            ""),
        Bar.atMost("memory of an idle slot (PSS)", idleSlotMebibytes, 6, "MiB"));
  }

  private static double median(List<Report.Row> rows, String name, int concurrency) {
    return Report.find(rows, name, concurrency).series().percentileMillis(0.5);
  }

  private static double rate(List<Report.Row> rows, String name, int concurrency) {
    return Report.find(rows, name, concurrency).series().perSecond();
  }
}
