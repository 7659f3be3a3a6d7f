package io.athena.procedures.bench;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A report for programs, one JSON object a line: the machine, each case, each figure, each bar. */
final class ReportJson {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ReportJson() {}

  static String of(Report report) {
    StringBuilder lines = new StringBuilder();
    add(lines, MAPPER.valueToTree(report.machine()));
    for (Report.Row row : report.rows()) {
      ObjectNode line = MAPPER.createObjectNode();
      line.put("case", row.name()).put("concurrency", row.concurrency());
      percentiles(line, row.series());
      if (row.backToBack()) {
        line.put("runsPerSecond", row.series().perSecond());
      }
      line.put("ratio", report.ratio(row));
      row.marks().forEach((mark, series) -> percentiles(line.withObject("/until/" + mark), series));
      add(lines, line);
    }
    for (Figure figure : report.figures()) {
      ObjectNode line = MAPPER.createObjectNode();
      add(
          lines,
          line.put("figure", figure.name())
              .put("value", figure.value())
              .put("unit", figure.unit()));
    }
    for (Bar bar : report.bars()) {
      ObjectNode line = MAPPER.createObjectNode();
      add(
          lines,
          line.put("bar", bar.name())
              .put("measured", bar.measured())
              .put("direction", bar.direction().name())
              .put("bound", bar.bound())
              .put("unit", bar.unit())
              .put("met", bar.met()));
    }
    return lines.toString();
  }

  private static void percentiles(ObjectNode line, Series series) {
    line.put("runs", series.count());
    line.put("p50Millis", series.percentileMillis(0.50));
    line.put("p95Millis", series.percentileMillis(0.95));
    line.put("p99Millis", series.percentileMillis(0.99));
  }

  private static void add(StringBuilder lines, ObjectNode line) {
    lines.append(MAPPER.writeValueAsString(line)).append('\n');
  }
}
