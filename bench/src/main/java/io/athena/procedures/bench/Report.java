package io.athena.procedures.bench;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The figures, for people or for programs. Ratios are of medians: machines differ, ratios less so.
 *
 * @param baseline name of the case that all others are compared with
 */
record Report(Machine machine, String baseline, List<Row> rows) {
  /** One case and its latencies. */
  record Row(String name, int concurrency, Series series) {}

  String forPeople() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %d cores, %.0f GiB; %s; %s; %s; %s%n%n"
            .formatted(
                machine.processor(),
                machine.cores(),
                machine.memoryGib(),
                machine.kernel(),
                machine.java(),
                machine.python(),
                machine.runc()));
    text.append(
        "%-50s %3s %6s %9s %9s %9s %8s %8s%n"
            .formatted("what", "at", "runs", "p50 ms", "p95 ms", "p99 ms", "runs/s", "ratio"));
    for (Row row : rows) {
      Series series = row.series;
      text.append(
          String.format(
              Locale.ROOT,
              "%-50s %3d %6d %9.2f %9.2f %9.2f %8.1f %8.2f%n",
              row.name,
              row.concurrency,
              series.count(),
              series.percentileMillis(0.50),
              series.percentileMillis(0.95),
              series.percentileMillis(0.99),
              series.perSecond(),
              ratio(row)));
    }
    text.append(
        "%nat: programs under way at a time. ratio: p50 over that of \"%s\" at 1.%n"
            .formatted(baseline));
    return text.toString();
  }

  /** One JSON object a line: the machine, then each case. */
  String forPrograms() {
    JsonMapper mapper = JsonMapper.shared();
    StringBuilder lines = new StringBuilder(mapper.writeValueAsString(machine)).append('\n');
    for (Row row : rows) {
      Series series = row.series;
      ObjectNode line = mapper.createObjectNode();
      line.put("case", row.name).put("concurrency", row.concurrency).put("runs", series.count());
      line.put("p50Millis", series.percentileMillis(0.50));
      line.put("p95Millis", series.percentileMillis(0.95));
      line.put("p99Millis", series.percentileMillis(0.99));
      line.put("runsPerSecond", series.perSecond());
      line.put("ratio", ratio(row));
      lines.append(mapper.writeValueAsString(line)).append('\n');
    }
    return lines.toString();
  }

  private double ratio(Row row) {
    return row.series.percentileMillis(0.50) / baselineSeries().percentileMillis(0.50);
  }

  private Series baselineSeries() {
    return rows.stream()
        .filter(row -> row.name.equals(baseline) && row.concurrency == 1)
        .map(Row::series)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the baseline was not measured"));
  }
}
