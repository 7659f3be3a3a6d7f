package io.athena.procedures.bench;

import java.io.IOException;
import java.util.List;

/** One way of running the same program, {@code pass}, measured side by side with the others. */
interface Case extends AutoCloseable {
  /** What is measured, for the report. */
  String name();

  /** Programs under way at a time. */
  int concurrency();

  /**
   * Runs the program {@code count} times.
   *
   * @return the latency of each run in nanoseconds
   * @throws IOException if one of them did not end well; the message says which and how
   */
  List<Long> run(int count) throws IOException, InterruptedException;

  @Override
  default void close() throws IOException {}
}
