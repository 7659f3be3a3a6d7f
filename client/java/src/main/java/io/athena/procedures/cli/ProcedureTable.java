package io.athena.procedures.cli;

import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.util.List;

/** Procedures as a table. */
final class ProcedureTable {
  private ProcedureTable() {}

  static void print(Terminal terminal, List<Procedure> procedures) throws IOException {
    Table table =
        new Table(">ID", "NAME", "CATEGORY", "CODE", ">CONFIDENCE", ">RUNS", ">SUCCESS", "CHANGED");
    for (Procedure procedure : procedures) {
      table.row(
          Long.toString(procedure.getProcedureId()),
          Text.shortened(procedure.getName(), 48),
          Text.shortened(procedure.getCategory(), 24),
          Text.version(procedure.getCurrentVersion()),
          procedure.getCurrentVersion() == 0 ? "-" : Text.percent(procedure.getConfidence()),
          Long.toString(procedure.getUsageCount()),
          Text.successRate(procedure),
          Text.time(procedure.getUpdateTime()));
    }
    table.print(terminal);
  }
}
