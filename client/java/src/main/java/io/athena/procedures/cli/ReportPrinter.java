package io.athena.procedures.cli;

import io.athena.procedures.v1.Checks;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.ScorePart;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows what validation says the way a compiler does: source lines, with carets below. */
final class ReportPrinter {
  private static final int WIDEST_LINE = 160;
  private static final int TAB = 4;
  private static final int REPLACED = 0xFFFD;

  private final Terminal terminal;
  private final String name;
  private final String[] lines;

  /**
   * For one piece of code.
   *
   * @param name shown before each line's number
   */
  ReportPrinter(Terminal terminal, String name, String code) {
    this.terminal = terminal;
    this.name = Text.oneLine(name);
    this.lines = code.split("\r\n|\r|\n", -1);
  }

  void print(ValidationReport report) throws IOException {
    int silenced = 0;
    for (Issue issue : report.getIssuesList()) {
      if (issue.getSilencedReason().isEmpty()) {
        print(issue);
      } else {
        silenced++;
      }
    }
    for (Issue issue : report.getIssuesList()) {
      if (!issue.getSilencedReason().isEmpty()) {
        terminal.print(
            terminal.styled(
                Style.DIM,
                "%s: silenced: %s (%s)"
                    .formatted(
                        place(issue), issue.getRuleId(), Text.oneLine(issue.getSilencedReason()))));
      }
    }
    if (silenced < report.getIssuesCount()) {
      terminal.print("");
    }
    printScore(report);
  }

  private void print(Issue issue) throws IOException {
    String severity = Text.enumName(issue.getSeverity(), "SEVERITY_").toLowerCase(Locale.ROOT);
    terminal.print(
        "%s: %s: %s [%s]"
            .formatted(
                place(issue),
                terminal.styled(style(issue.getSeverity()), severity),
                Text.oneLine(issue.getMessage()),
                issue.getRuleId()));
    if (issue.getLine() >= 1 && issue.getLine() <= lines.length) {
      printSource(issue);
    }
  }

  private void printSource(Issue issue) throws IOException {
    int[] line = lines[issue.getLine() - 1].codePoints().toArray();
    String number = "%5d | ".formatted(issue.getLine());
    int start = Math.clamp(issue.getColumn() - 1, 0, line.length);
    // Of a long line the part that matters.
    int from = start > WIDEST_LINE / 2 && line.length > WIDEST_LINE ? start - WIDEST_LINE / 2 : 0;
    int to = Math.min(line.length, from + WIDEST_LINE);
    terminal.print(number + shown(line, from, to));
    if (issue.getColumn() == 0) {
      return;
    }
    int end = issue.getEndLine() > issue.getLine() ? line.length : issue.getEndColumn() - 1;
    int carets = Columns.width(shown(line, start, Math.clamp(end, start, to)));
    terminal.print(
        " ".repeat(number.length() - 2)
            + "| "
            + " ".repeat(Columns.width(shown(line, from, start)))
            + terminal.styled(style(issue.getSeverity()), "^".repeat(Math.max(1, carets))));
  }

  /** Without what would move the cursor, or turn round the order in which characters are shown. */
  private static String shown(int[] line, int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      if (line[i] == '\t') {
        text.repeat(' ', TAB);
      } else {
        text.appendCodePoint(Character.getType(line[i]) == Character.FORMAT ? REPLACED : line[i]);
      }
    }
    return Text.oneLine(text.toString());
  }

  private void printScore(ValidationReport report) throws IOException {
    terminal.print(
        terminal.styled(
            Style.BOLD,
            "Quality %.2f (policy %s, Python %s, %s)"
                .formatted(
                    report.getQualityScore(),
                    report.getPolicy(),
                    report.getPythonVersion().isEmpty() ? "unknown" : report.getPythonVersion(),
                    Text.duration(report.getDuration()))));
    Table parts = new Table("  PART", ">EARNED", ">OF", "WHY");
    for (ScorePart part : report.getScorePartsList()) {
      parts.row(
          "  " + part.getName(),
          String.format(Locale.ROOT, "%.3f", part.getScore()),
          String.format(Locale.ROOT, "%.3f", part.getWeight()),
          part.getExplanation());
    }
    parts.print(terminal);
    printFacts(report);
  }

  private void printFacts(ValidationReport report) throws IOException {
    List<String> facts = new ArrayList<>();
    if (!report.getEntryPoint().isEmpty()) {
      facts.add("Entry point: " + report.getEntryPoint() + report.getSignature());
    }
    if (report.getImportsCount() > 0) {
      facts.add("Imports: " + String.join(", ", report.getImportsList()));
    }
    if (report.getRequiredCapabilitiesCount() > 0) {
      facts.add("Needs: " + String.join(", ", report.getRequiredCapabilitiesList()));
    }
    Checks checks = report.getChecks();
    facts.add(
        "Checks: syntax %s, security %s, docstring %s, error handling %s, type hints %s"
            .formatted(
                yes(checks.getSyntax()),
                yes(checks.getSecurity()),
                yes(checks.getDocstring()),
                yes(checks.getErrorHandling()),
                Text.percent(checks.getTypeHints())));
    for (String fact : facts) {
      terminal.print(Text.oneLine(fact));
    }
  }

  private String place(Issue issue) {
    if (issue.getLine() == 0) {
      return name;
    }
    return issue.getColumn() == 0
        ? name + ":" + issue.getLine()
        : name + ":" + issue.getLine() + ":" + issue.getColumn();
  }

  private static Style style(Severity severity) {
    return switch (severity) {
      case SEVERITY_ERROR -> Style.BAD;
      case SEVERITY_WARNING -> Style.WARNING;
      case SEVERITY_INFO, SEVERITY_UNSPECIFIED, UNRECOGNIZED -> Style.DIM;
    };
  }

  private static String yes(boolean holds) {
    return holds ? "yes" : "no";
  }
}
