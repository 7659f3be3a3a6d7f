package io.athena.procedures.bench;

import java.util.List;
import java.util.Locale;

/** A report as tables for people. */
final class ReportText {
  private final StringBuilder text = new StringBuilder();
  private final Report report;

  private ReportText(Report report) {
    this.report = report;
  }

  static String of(Report report) {
    ReportText written = new ReportText(report);
    written.machine();
    if (!report.rows().isEmpty()) {
      written.latencies();
      written.marks();
    }
    written.figures();
    written.bars();
    return written.text.toString();
  }

  private void machine() {
    Machine machine = report.machine();
    line(
        String.format(
            Locale.ROOT,
            "%s, %d cores, %.0f GiB; %s; %s; %s; %s%n",
            machine.processor(),
            machine.cores(),
            machine.memoryGib(),
            machine.kernel(),
            machine.java(),
            machine.python(),
            machine.runc()));
  }

  private void latencies() {
    line(
        String.format(
            Locale.ROOT,
            "%-52s %3s %6s %9s %9s %9s %8s %8s",
            "what",
            "at",
            "runs",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "runs/s",
            "ratio"));
    for (Report.Row row : report.rows()) {
      Series series = row.series();
      line(
          String.format(
              Locale.ROOT,
              "%-52s %3d %6d %9.2f %9.2f %9.2f %8s %8.2f",
              row.name(),
              row.concurrency(),
              series.count(),
              series.percentileMillis(0.50),
              series.percentileMillis(0.95),
              series.percentileMillis(0.99),
              row.backToBack() ? String.format(Locale.ROOT, "%.1f", series.perSecond()) : "-",
              report.ratio(row)));
    }
    line(
        String.format(
            Locale.ROOT,
            "%nat: programs under way at a time. ratio: p50 over that of \"%s\" at 1.%n",
            report.baseline()));
  }

  private void marks() {
    List<Report.Row> marked = report.rows().stream().filter(row -> !row.marks().isEmpty()).toList();
    if (marked.isEmpty()) {
      return;
    }
    line(
        String.format(
            Locale.ROOT,
            "%-52s %-16s %9s %9s %9s",
            "from the call until",
            "",
            "p50 ms",
            "p95 ms",
            "p99 ms"));
    for (Report.Row row : marked) {
      row.marks()
          .forEach((mark, series) ->
              line(
                  String.format(
                      Locale.ROOT,
                      "%-52s %-16s %9.2f %9.2f %9.2f",
                      row.label(),
                      mark,
                      series.percentileMillis(0.50),
                      series.percentileMillis(0.95),
                      series.percentileMillis(0.99))));
    }
    line("");
  }

  private void figures() {
    for (Figure figure : report.figures()) {
      line(
          String.format(
              Locale.ROOT, "%-70s %9.2f %s", figure.name(), figure.value(), figure.unit()));
    }
    if (!report.figures().isEmpty()) {
      line("");
    }
  }

  private void bars() {
    report.bars().forEach(bar -> text.append(bar.forPeople()).append('\n'));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
