package io.athena.procedures.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured, for people ({@link ReportText}) or for programs ({@link ReportJson}).
 *
 * @param baseline name of the case that the latencies of all others are compared with, at 1 at a
 *     time
 * @param figures single values, such as memory
 * @param bars what the figures are held against
 */
record Report(
    Machine machine, String baseline, List<Row> rows, List<Figure> figures, List<Bar> bars) {

  /** One case: its latencies, and when its marks were reached. */
  record Row(
      String name,
      int concurrency,
      boolean backToBack,
      Series series,
      LinkedHashMap<String, Series> marks) {
    static Row of(Case subject) {
      return new Row(
          subject.name(),
          subject.concurrency(),
          subject.backToBack(),
          new Series(),
          new LinkedHashMap<>());
    }

    void add(Timings round) {
      series.addRound(round.whole(), round.elapsed());
      for (Map.Entry<String, List<Long>> mark : round.marks().entrySet()) {
        marks
            .computeIfAbsent(mark.getKey(), name -> new Series())
            .addRound(mark.getValue(), round.elapsed());
      }
    }

    String label() {
      return String.format(Locale.ROOT, "%s at %d", name, concurrency);
    }
  }

  /** The median of a case's latencies over that of the baseline. */
  double ratio(Row row) {
    return row.series.percentileMillis(0.5) / find(rows, baseline, 1).series.percentileMillis(0.5);
  }

  /** The row of a case. */
  static Row find(List<Row> rows, String name, int concurrency) {
    return rows.stream()
        .filter(row -> row.name.equals(name) && row.concurrency == concurrency)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(name + " at " + concurrency + " was not measured"));
  }
}
