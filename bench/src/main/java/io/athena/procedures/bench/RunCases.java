package io.athena.procedures.bench;

import io.athena.procedures.sandbox.WorkerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The list of what takes turns: ways to run a small Python program. */
record RunCases(
    Frame.Stage stage, HelloProcedure hello, ReadySlots slots, Map<String, String> beside) {
  /** The case that all others are compared with. */
  static final String BARE = "python3 -I -S -c pass, no isolation";

  static final String BARE_WITH_SITE = "python3 -c pass, no isolation";
  static final String FORK = "fork and isolate inside one container";
  static final String ON_ITS_OWN = "ExecuteProcedure, a call on its own";
  static final String BACK_TO_BACK = "ExecuteProcedure, back to back";

  /** Callers at a time; the rate is held against its bars at this one. */
  static final int MANY = 16;

  private static final int PROCESS_RUNS = 60;
  private static final int RUNTIME_RUNS = 10;
  private static final int CONTAINER_RUNS = 150;
  private static final int SERVICE_RUNS = 200;
  private static final int OWN_RUNS = 80;

  /** A service runs for days: its compilers have had their time when it is measured. */
  private static final int SERVICE_WARM_UP = 4000;

  List<Rounds.Turn> turns() throws IOException {
    WorkerConfig worker = WorkerConfig.defaults().withPython(stage.python());
    Path spawn = stage.workplace().script("spawn.py");
    Path fork = stage.workplace().script("fork.py");
    String python = stage.python().toString();
    List<String> bare = List.of(python, "-I", "-S", "-c", "pass");
    List<Rounds.Turn> turns = new ArrayList<>();
    turns.add(process(BARE, 1, spawn, bare));
    turns.add(process(BARE, 2, spawn, bare));
    turns.add(process(BARE_WITH_SITE, 2, spawn, List.of(python, "-c", "pass")));
    turns.add(
        Rounds.Turn.of(
            ContainerCase.containerForEach(worker, stage.python(), spawn),
            RUNTIME_RUNS,
            RUNTIME_RUNS));
    if (Bubblewrap.isInstalled()) {
      List<String> command = Bubblewrap.command(bare);
      turns.add(process(Bubblewrap.NAME, 1, spawn, command));
      turns.add(process(Bubblewrap.NAME, 2, spawn, command));
    } else {
      stage.tell("bubblewrap is not measured: apt-get install bubblewrap brings it");
    }
    beside.forEach((name, command) ->
        turns.add(process(name, 1, spawn, List.of(command.strip().split(" +")))));
    for (int concurrency : new int[] {1, 2}) {
      turns.add(
          Rounds.Turn.of(
              ContainerCase.forkForEach(worker, fork, concurrency),
              CONTAINER_RUNS,
              CONTAINER_RUNS));
    }
    turns.add(service(BACK_TO_BACK, MANY, SERVICE_WARM_UP));
    turns.add(service(BACK_TO_BACK, 1, SERVICE_RUNS));
    turns.add(
        Rounds.Turn.of(
            new EndToEndCase(ON_ITS_OWN, 1, hello, slots::awaitAll, false), OWN_RUNS, OWN_RUNS));
    turns.add(service(BACK_TO_BACK, 2, SERVICE_RUNS));
    turns.add(service(BACK_TO_BACK, 64, SERVICE_RUNS));
    return turns;
  }

  private Rounds.Turn process(String name, int concurrency, Path spawn, List<String> command) {
    return Rounds.Turn.of(
        new ProcessCase(name, concurrency, stage.python(), spawn, command),
        PROCESS_RUNS,
        PROCESS_RUNS);
  }

  private Rounds.Turn service(String name, int callers, int warmUp) {
    return Rounds.Turn.of(
        new EndToEndCase(name, callers, hello, () -> {}, true), warmUp, SERVICE_RUNS);
  }
}
