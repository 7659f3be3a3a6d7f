package io.athena.procedures.bench;

import io.athena.procedures.bench.ServerTree.Kind;
import io.athena.procedures.bench.ServerTree.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What waits and what is done again for each run: memory of idle processes, the time until a slot
 * is replaced, and CPU time by process.
 *
 * @param idleSlotMebibytes median PSS of the slots that wait, in MiB
 */
record PoolCosts(double idleSlotMebibytes, List<Figure> figures) {
  private static final int RUNS = 300;
  private static final int ATTEMPTS = 4;

  /** Of these a slot's life is made; everything else is the call's. */
  private static final Set<Kind> POOL =
      EnumSet.of(Kind.ZYGOTE, Kind.NURSERY, Kind.INIT, Kind.PROGRAM, Kind.CHILD);

  static PoolCosts measure(ServerProcess server, HelloProcedure hello, ReadySlots slots)
      throws IOException {
    ServerTree tree = ServerTree.of(server);
    List<Figure> figures = new ArrayList<>();
    slots.awaitAll();
    double idleSlot = memory(tree, figures);
    refill(tree, hello, slots, figures);
    cpu(tree, hello, figures);
    return new PoolCosts(idleSlot, figures);
  }

  private static double memory(ServerTree tree, List<Figure> figures) throws IOException {
    List<Double> programs =
        tree.members().stream()
            .filter(member -> member.kind() == Kind.PROGRAM)
            .map(Member::pid)
            .map(ServerTree::pssMebibytes)
            .sorted()
            .toList();
    if (programs.isEmpty()) {
      throw new IOException("no slot was found among the server's processes");
    }
    double median = programs.get(programs.size() / 2);
    figures.add(
        new Figure(
            "memory of an idle slot (PSS, median of " + programs.size() + ")", median, "MiB"));
    tree.memory()
        .forEach((kind, mebibytes) ->
            figures.add(new Figure("memory (PSS): " + kind.label(), mebibytes, "MiB")));
    return median;
  }

  private static void refill(
      ServerTree tree, HelloProcedure hello, ReadySlots slots, List<Figure> figures)
      throws IOException {
    List<Long> nanos = new ArrayList<>();
    Map<Kind, Double> spent =
        cpuOf(
            tree,
            () -> {
              hello.execute(event -> {});
              long end = System.nanoTime();
              slots.awaitAll();
              nanos.add(System.nanoTime() - end);
            });
    Series series = new Series();
    series.addRound(nanos, 0);
    figures.add(
        new Figure(
            "from a run's end until the pool is full again, p50",
            series.percentileMillis(0.5),
            "ms"));
    double pool = POOL.stream().mapToDouble(kind -> spent.getOrDefault(kind, 0.0)).sum();
    figures.add(new Figure("CPU of a slot's life: made, run, ended", pool, "ms"));
  }

  /** Back to back, so that nothing else happens; looking into the metrics would. */
  private static void cpu(ServerTree tree, HelloProcedure hello, List<Figure> figures)
      throws IOException {
    cpuOf(tree, () -> hello.execute(event -> {}))
        .forEach((kind, millis) ->
            figures.add(new Figure("CPU of a run: " + kind.label(), millis, "ms")));
  }

  /**
   * CPU time by kind in milliseconds for each of many runs, one after another.
   *
   * <p>With a container goes what its processes have used. One lives for thousands of runs, so if
   * it was replaced meanwhile, the next attempt sees the new one's life only.
   */
  private static Map<Kind, Double> cpuOf(ServerTree tree, Callers.Call run) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<Member> zygotes = zygotes(tree);
      Map<Kind, Double> before = tree.cpu();
      for (int count = 0; count < RUNS; count++) {
        run.run();
      }
      Map<Kind, Double> after = tree.cpu();
      if (zygotes.equals(zygotes(tree))) {
        after.replaceAll((kind, millis) -> (millis - before.getOrDefault(kind, 0.0)) / RUNS);
        return after;
      }
    }
    throw new IOException("containers are replaced all the time, so no time can be attributed");
  }

  private static List<Member> zygotes(ServerTree tree) {
    return tree.members().stream().filter(member -> member.kind() == Kind.ZYGOTE).toList();
  }
}
