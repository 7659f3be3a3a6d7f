package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void columnsAreAlignedAndNumbersStandToTheRight() throws IOException {
    CapturedTerminal captured = CapturedTerminal.plain();
    Table table = new Table(">ID", "NAME", ">RUNS");
    table.row("1", "short", "5");
    table.row("10", "größer", "12345");
    table.print(captured.terminal());
    assertThat(captured.out())
        .isEqualTo(
            """
            ID  NAME     RUNS
             1  short       5
            10  größer  12345
            """);
  }

  @Test
  void aNameCannotSteerTheTerminal() throws IOException {
    CapturedTerminal captured = CapturedTerminal.plain();
    Table table = new Table("NAME");
    table.row("\u001b[2Jgone\n\u009b1m");
    table.print(captured.terminal());
    assertThat(captured.out()).isEqualTo("NAME\n\uFFFD[2Jgone\uFFFD\uFFFD1m\n");
  }

  @Test
  void onlyATerminalSeesColour() throws IOException {
    CapturedTerminal colored = new CapturedTerminal("", true);
    Table table = new Table("NAME");
    table.row("a");
    table.print(colored.terminal());
    assertThat(colored.out()).startsWith("\u001b[1mNAME\u001b[0m\n");
  }
}
