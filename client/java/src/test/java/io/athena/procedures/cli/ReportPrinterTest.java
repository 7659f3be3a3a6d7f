package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportPrinterTest {
  @Test
  void caretsStandBelowWhatIsMeantWhateverStandsBeforeIt() throws IOException {
    assertThat(printed("\tx = eval(y)", issue(1, 6, 10)))
        .isEqualTo(
            """
            a.py:1:6: error: bad [rule]
                1 |     x = eval(y)
                  |         ^^^^
            """);
    // Two columns each.
    assertThat(printed("s = '漢字'; eval(y)", issue(1, 11, 15)))
        .contains("| s = '漢字'; eval(y)\n      |             ^^^^\n");
    // None of its own.
    assertThat(printed("s = 'e\u0301'; eval(y)", issue(1, 11, 15)))
        .contains("\n      |          ^^^^\n");
    assertThat(printed("x = 1\r\neval(y)\r\n", issue(2, 1, 5)))
        .contains("    2 | eval(y)\n      | ^^^^\n");
    assertThat(printed("x = 1\n\feval(y)\n", issue(2, 2, 6)))
        .contains("    2 | \uFFFDeval(y)\n      |  ^^^^\n");
  }

  @Test
  void ofALongLineThePartThatMattersIsShown() throws IOException {
    String printed = printed("x = 1; ".repeat(100_000) + "eval(y)", issue(1, 700_001, 700_005));

    List<String> lines = printed.lines().toList();
    assertThat(lines.get(1)).endsWith("; eval(y)").hasSizeLessThan(200);
    assertThat(lines.get(2).indexOf('^')).isEqualTo(lines.get(1).indexOf("eval"));
  }

  @Test
  void sourceCannotTurnRoundWhatIsShown() throws IOException {
    assertThat(printed("x = '\u202E' # \u001B[2J", issue(1, 6, 7)))
        .contains("| x = '\uFFFD' # \uFFFD[2J\n      |      ^\n");
  }

  @Test
  void whatIsSilencedIsListedWithItsReason() throws IOException {
    assertThat(
            printed(
                "import socket",
                issue(1, 1, 14).toBuilder().setSilencedReason("only constants").build()))
        .startsWith("a.py:1:1: silenced: rule (only constants)");
  }

  private static Issue issue(int line, int column, int endColumn) {
    return Issue.newBuilder()
        .setRuleId("rule")
        .setSeverity(Severity.SEVERITY_ERROR)
        .setMessage("bad")
        .setLine(line)
        .setColumn(column)
        .setEndLine(line)
        .setEndColumn(endColumn)
        .build();
  }

  /** What is printed before the score. */
  private static String printed(String code, Issue issue) throws IOException {
    CapturedTerminal captured = CapturedTerminal.plain();
    new ReportPrinter(captured.terminal(), "a.py", code)
        .print(ValidationReport.newBuilder().addIssues(issue).build());
    return captured.out().substring(0, captured.out().indexOf("\nQuality"));
  }
}
