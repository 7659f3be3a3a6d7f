package io.athena.procedures.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command started as a process of its own for every run, timed by {@code spawn.py}. */
record ProcessCase(
    String name, int concurrency, Path python, Path spawnScript, List<String> command)
    implements Case {

  @Override
  public Timings run(int count) throws IOException, InterruptedException {
    List<String> timed =
        new ArrayList<>(
            List.of(
                python.toString(),
                spawnScript.toString(),
                Integer.toString(count),
                Integer.toString(concurrency)));
    timed.addAll(command);
    return Latencies.printedBy(name, timed);
  }
}
