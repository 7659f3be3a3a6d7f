package io.athena.procedures.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One way for the same bytes to come here, one after another. */
record FloodCase(String name, Callers.Call transfer) implements Case {
  @Override
  public int concurrency() {
    return 1;
  }

  @Override
  public Timings run(int count) throws IOException {
    List<Long> nanos = new ArrayList<>(count);
    long first = System.nanoTime();
    for (int run = 0; run < count; run++) {
      long begin = System.nanoTime();
      transfer.run();
      nanos.add(System.nanoTime() - begin);
    }
    return Timings.of(nanos, System.nanoTime() - first);
  }
}
