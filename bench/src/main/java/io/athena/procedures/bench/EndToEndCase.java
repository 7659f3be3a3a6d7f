package io.athena.procedures.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * ExecuteProcedure over gRPC on loopback: admission, durable row, a fresh isolated process, outcome
 * committed. Timed from the call to the end of its stream.
 *
 * @param before what each caller does before a call, untimed
 */
record EndToEndCase(
    String name, int concurrency, HelloProcedure hello, Callers.Call before, boolean backToBack)
    implements Case {

  /** The events that each run has, in their order. */
  private enum Mark {
    ACCEPTED,
    STARTED,
    FIRST_OUTPUT,
    COMPLETED;

    private String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  @Override
  public Timings run(int count) throws IOException, InterruptedException {
    Map<Mark, ConcurrentLinkedQueue<Long>> marks = new ConcurrentHashMap<>();
    for (Mark mark : Mark.values()) {
      marks.put(mark, new ConcurrentLinkedQueue<>());
    }
    ConcurrentLinkedQueue<Long> whole = new ConcurrentLinkedQueue<>();
    Timings all =
        Callers.time(
            name,
            concurrency,
            count,
            () -> {
              before.run();
              whole.add(execute(marks));
            });
    Map<String, List<Long>> reached = new LinkedHashMap<>();
    for (Mark mark : Mark.values()) {
      reached.put(
          mark.label(), new ArrayList<>(marks.getOrDefault(mark, new ConcurrentLinkedQueue<>())));
    }
    return new Timings(new ArrayList<>(whole), reached, all.elapsed());
  }

  private long execute(Map<Mark, ConcurrentLinkedQueue<Long>> marks) throws IOException {
    Map<Mark, Long> seen = new EnumMap<>(Mark.class);
    long begin = System.nanoTime();
    hello.execute(event -> {
      long since = System.nanoTime() - begin;
      switch (event.getEventCase()) {
        case ACCEPTED -> seen.putIfAbsent(Mark.ACCEPTED, since);
        case STARTED -> seen.putIfAbsent(Mark.STARTED, since);
        case OUTPUT -> seen.putIfAbsent(Mark.FIRST_OUTPUT, since);
        case COMPLETED -> seen.putIfAbsent(Mark.COMPLETED, since);
        default -> {}
      }
    });
    long end = System.nanoTime() - begin;
    marks.forEach((mark, times) -> {
      Long time = seen.get(mark);
      if (time != null) {
        times.add(time);
      }
    });
    return end;
  }
}
