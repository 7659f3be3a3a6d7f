package io.athena.procedures.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/**
 * Lets cases take turns, so that a machine's noisy minute falls on all of them alike.
 *
 * @param count how often each has its turn
 * @param progress where to tell what is measured at the moment
 */
record Rounds(int count, PrintStream progress) {
  /**
   * A case and how often it runs.
   *
   * @param warmUp runs before the first round, of which nothing is counted
   * @param runs in each round
   */
  record Turn(Case subject, int warmUp, int runs, Report.Row row) {
    static Turn of(Case subject, int warmUp, int runs) {
      return new Turn(subject, warmUp, runs, Report.Row.of(subject));
    }
  }

  /**
   * Measures all of them.
   *
   * @throws IOException if a case failed; the message says which
   */
  List<Report.Row> measure(List<Turn> turns) throws IOException, InterruptedException {
    for (Turn turn : turns) {
      tell("warming up", turn);
      turn.subject.run(turn.warmUp); // Caches and compilers warm up; nothing of it is counted.
    }
    for (int round = 1; round <= count; round++) {
      for (Turn turn : turns) {
        tell("round %d of %d".formatted(round, count), turn);
        turn.row.add(turn.subject.run(turn.runs));
      }
    }
    return turns.stream().map(Turn::row).toList();
  }

  private void tell(String what, Turn turn) {
    progress.printf("%s: %s at %d%n", what, turn.row.name(), turn.row.concurrency());
  }
}
