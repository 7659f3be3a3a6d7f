package io.athena.procedures.sandbox;

import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.sandbox.v1.RunRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Proves in slots of a new container, which are then thrown away, that what the worker promises is
 * so: programs that go over a limit are ended, and one tells what it finds.
 *
 * <p>It takes some tenths of a second. Only CPU time is proved by itself ({@link #proveCpuTime}),
 * because that takes a second of it.
 */
final class SelfTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final long OUTPUT_BYTES = 10_000;
  private static final RunLimits LIMITS =
      new RunLimits(
          Duration.ofSeconds(20), 20, RunLimits.LEAST_MEMORY_BYTES, OUTPUT_BYTES, 8, MEBIBYTE, 1);

  private final Container container;
  private final HostCgroups cgroups;
  private final ScheduledExecutorService timer;
  private final Duration grace;

  /** One thing that was tried. */
  private record Probe(String code, RunLimits limits) {}

  /** How it ended. */
  private record Observed(Completed end, long outputBytes) {
    FailureKind failure() {
      return end.getFailure().getKind();
    }

    String told() {
      return end.getOutcome() == Outcome.OUTCOME_SUCCESS
          ? "it ended well"
          : end.getFailure().getMessage();
    }
  }

  SelfTest(
      Container container, HostCgroups cgroups, ScheduledExecutorService timer, Duration grace) {
    this.container = container;
    this.cgroups = cgroups;
    this.timer = timer;
    this.grace = grace;
  }

  /**
   * Proves everything but CPU time.
   *
   * @return how each guarantee is kept, for people
   * @throws IOException naming each guarantee that is not kept, and what was seen instead
   */
  Map<Guarantee, String> prove() throws IOException {
    Proofs proofs = new Proofs();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> memory = threads.submit(task(() -> memory(proofs)));
      Future<?> wall = threads.submit(task(() -> wallTime(proofs)));
      Future<?> output = threads.submit(task(() -> output(proofs)));
      Future<?> facts = threads.submit(task(() -> facts(proofs)));
      for (Future<?> each : List.of(memory, wall, output, facts)) {
        await(each);
      }
    }
    return proofs.orThrow();
  }

  /**
   * Proves that a process is ended when it has used up its CPU time.
   *
   * @return how this guarantee is kept
   * @throws IOException if it is not, or the container has ended meanwhile
   */
  String proveCpuTime() throws IOException {
    RunLimits limits = withTimes(Duration.ofSeconds(60), 1);
    Observed observed;
    try {
      observed = run(new Probe("import os\nos.nice(19)\nwhile True: pass", limits));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during the self-test", e);
    }
    if (observed.failure() != FailureKind.FAILURE_KIND_TIMEOUT
        || !observed.told().contains("CPU time")) {
      throw new IOException(
          "a program that used up its CPU time was not ended for it: " + observed.told());
    }
    return "RLIMIT_CPU";
  }

  private void memory(Proofs proofs) throws IOException, InterruptedException {
    Observed observed = run(new Probe("block = bytearray(1 << 28)", LIMITS));
    proofs.add(
        Guarantee.MEMORY,
        observed.failure() == FailureKind.FAILURE_KIND_MEMORY_LIMIT,
        cgroups.version() + ", swap included",
        "a program took 256 MiB at a limit of 32 MiB: " + observed.told());
  }

  private void wallTime(Proofs proofs) throws IOException, InterruptedException {
    String code =
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(600)";
    Observed observed = run(new Probe(code, withTimes(Duration.ofMillis(50), 20)));
    proofs.add(
        Guarantee.WALL_TIME,
        observed.failure() == FailureKind.FAILURE_KIND_TIMEOUT,
        "worker, SIGKILL of the slot's process namespace",
        "a program slept longer than its time: " + observed.told());
  }

  private void output(Proofs proofs) throws IOException, InterruptedException {
    Observed observed = run(new Probe("while True: print('x' * 99)", LIMITS));
    proofs.add(
        Guarantee.OUTPUT,
        observed.failure() == FailureKind.FAILURE_KIND_OUTPUT_LIMIT
            && observed.outputBytes == OUTPUT_BYTES,
        "worker, while it is read",
        "%d bytes came at a limit of %d: %s"
            .formatted(observed.outputBytes, OUTPUT_BYTES, observed.told()));
  }

  private void facts(Proofs proofs) throws IOException, InterruptedException {
    List<Long> weights = new ArrayList<>();
    Observed observed =
        run(
            new Probe(code(), LIMITS),
            () -> weights.addAll(cgroups.slotWeights(container.groupName())));
    proofs.add(
        Guarantee.CPU_SHARE,
        !weights.isEmpty() && weights.stream().distinct().count() == 1,
        cgroups.version() + ", all slots alike",
        "the weights of slots are " + weights);
    if (observed.end.getOutcome() != Outcome.OUTCOME_SUCCESS) {
      throw new IOException("the program of the self-test failed: " + observed.told());
    }
    new SelfTestFacts(Json.from(observed.end.getResult().getStructValue()), LIMITS, cgroups)
        .judge(proofs);
  }

  private Observed run(Probe probe) throws IOException, InterruptedException {
    return run(probe, () -> {});
  }

  /** Runs a probe in a slot of its own, with an action while the slot is there. */
  private Observed run(Probe probe, Action whileThere) throws IOException, InterruptedException {
    try (Slot slot = container.makeSlot(probe.limits.ofSlot(), timer)) {
      whileThere.run();
      AtomicLong bytes = new AtomicLong();
      RunRequest.Start start =
          RunRequest.Start.newBuilder().setCode(probe.code).setStdinClosed(true).build();
      Run run =
          new Run(
              slot,
              new Program(start, probe.limits),
              event -> bytes.addAndGet(event.getOutput().getData().size()),
              timer,
              grace);
      run.begin();
      return new Observed(run.finish("self-test"), bytes.get());
    } catch (SandboxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static RunLimits withTimes(Duration wallTime, long cpuSeconds) {
    return new RunLimits(
        wallTime,
        cpuSeconds,
        LIMITS.memoryBytes(),
        LIMITS.outputBytes(),
        LIMITS.processes(),
        LIMITS.diskBytes(),
        LIMITS.artifactBytes());
  }

  private static String code() throws IOException {
    try (InputStream code = SelfTest.class.getResourceAsStream("self-test.py")) {
      if (code == null) {
        throw new IOException("self-test.py is missing from the worker's jar");
      }
      return new String(code.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  private static Callable<String> task(Action action) {
    return () -> {
      action.run();
      return "";
    };
  }

  private static void await(Future<?> probe) throws IOException {
    try {
      var _ = probe.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException("the self-test could not be made: " + cause.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during the self-test", e);
    }
  }

  /** What was found so far. Thread-safe. */
  static final class Proofs {
    private final Map<Guarantee, String> kept = new EnumMap<>(Guarantee.class);
    private final List<String> broken = new ArrayList<>();

    synchronized void add(Guarantee guarantee, boolean holds, String how, String seen) {
      if (holds) {
        kept.put(guarantee, how);
      } else {
        broken.add(guarantee.key() + " (" + seen + ")");
      }
    }

    synchronized Map<Guarantee, String> orThrow() throws IOException {
      if (!broken.isEmpty()) {
        throw new IOException(
            "this worker cannot enforce what it must, so nothing is run: "
                + String.join("; ", broken));
      }
      return kept;
    }
  }
}
