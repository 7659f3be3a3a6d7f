package io.athena.procedures.bench;

import java.io.IOException;

/** One way of doing the same thing, measured side by side with the others. */
interface Case {
  /** What is measured, for the report. */
  String name();

  /** Programs under way at a time. */
  int concurrency();

  /** Whether the next run begins as soon as one has ended: only then is there a rate. */
  default boolean backToBack() {
    return true;
  }

  /**
   * Does it {@code count} times.
   *
   * @throws IOException if one of them did not end well; the message says which and how
   */
  Timings run(int count) throws IOException, InterruptedException;
}
