package io.athena.procedures.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows in aligned columns, numbers to the right. */
final class Table {
  private static final String GAP = "  ";

  private final List<String> header;
  private final boolean[] rightAligned;
  private final List<Row> rows = new ArrayList<>();

  private record Row(List<String> cells, @Nullable Style style) {}

  /** Columns whose heading begins with {@code >} are aligned to the right. */
  Table(String... columns) {
    this.header = Arrays.stream(columns).map(c -> c.startsWith(">") ? c.substring(1) : c).toList();
    this.rightAligned = new boolean[columns.length];
    for (int i = 0; i < columns.length; i++) {
      rightAligned[i] = columns[i].startsWith(">");
    }
  }

  void row(String... cells) {
    add(null, cells);
  }

  /** A row that stands out on a terminal. */
  void row(Style style, String... cells) {
    add(style, cells);
  }

  private void add(@Nullable Style style, String... cells) {
    rows.add(new Row(Arrays.stream(cells).map(Text::oneLine).toList(), style));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  void print(Terminal terminal) throws IOException {
    int[] widths = new int[header.size()];
    widen(widths, header);
    rows.forEach(row -> widen(widths, row.cells()));
    terminal.print(terminal.styled(Style.BOLD, line(header, widths)));
    for (Row row : rows) {
      String line = line(row.cells(), widths);
      terminal.print(row.style() == null ? line : terminal.styled(row.style(), line));
    }
  }

  private static void widen(int[] widths, List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], Columns.width(row.get(i)));
    }
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - Columns.width(row.get(i)));
      line.append(i == 0 ? "" : GAP)
          .append(rightAligned[i] ? padding + row.get(i) : row.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
