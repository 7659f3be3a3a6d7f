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
      return new Turn(
          subject,
          warmUp,
          runs,
          new Report.Row(subject.name(), subject.concurrency(), new Series()));
    }
  }

  /**
   * Measures all of them.
   *
   * @throws IOException if a case failed; the message says which
   */
  List<Report.Row> measure(List<Turn> turns) throws IOException, InterruptedException {
    for (Turn turn : turns) {
      turn.subject.run(turn.warmUp); // Caches and compilers warm up; nothing of it is counted.
    }
    for (int round = 1; round <= count; round++) {
      for (Turn turn : turns) {
        progress.printf(
            "round %d of %d: %s at %d%n", round, count, turn.row.name(), turn.row.concurrency());
        long begin = System.nanoTime();
        List<Long> latencies = turn.subject.run(turn.runs);
        turn.row.series().addRound(latencies, System.nanoTime() - begin);
      }
    }
    return turns.stream().map(Turn::row).toList();
  }
}
